// A draft while it is redrawn: the units of one community in hand, all other grids as they lie around it.

import { get } from "../http.js";
import { outlinesOf, readGround } from "../ground.js";
import { boxOf, holds, inside, pathOf } from "../shapes.js";
import { set, state } from "../state.js";

export async function openDraft(plan_id, community) {
  const [plan, data, history] = await Promise.all([
    get(`/v1/plans/${plan_id}`),
    get("/v1/viewer/ground", { plan_id }),
    get(`/v1/plans/${plan_id}/edits`),
  ]);
  const ground = readGround(data, state.ground.ground);
  const code = ground.communities.some((one) => one.community_code === community) ? community : firstCommunity(ground);
  const units = await readUnits(plan_id, code);
  const draft = { plan, plan_id, revision: plan.revision, ground, community: code, edits: history.edits, ...units, ...nothingPicked(), tool: "click", job: null };
  set({ draft, selected: null });
  touch();
}

export const nothingPicked = () => ({ picked: new Set(), grids: new Set(), line: [], one: "", two: "", target: "", tried: null, trying: false });

// Where work is likely: the community with the most grids out of the band, else the first.
function firstCommunity({ communities, violations, byCode }) {
  const found = violations.map((one) => byCode.get(one.grid_code)?.community_code).find(Boolean);
  return found || communities[0].community_code;
}

export async function openCommunity(code) {
  const { draft } = state;
  Object.assign(draft, { community: code, ...(await readUnits(draft.plan_id, code)), ...nothingPicked() });
  touch();
}

async function readUnits(plan_id, community_code) {
  const found = await get(`/v1/viewer/plans/${plan_id}/units`, { community_code });
  const units = found.units.map((unit) => {
    const rings = state.ground.ground.rings(unit.shape);
    return { ...unit, rings, path: pathOf(rings), box: boxOf(rings) };
  });
  return { units, byUnit: new Map(units.map((unit) => [unit.unit_id, unit])), edges: edgesOf(units), borders: null };
}

// The edges of cells, each with the one or two units it borders: cells of one community share their points exactly.
function edgesOf(units) {
  const edges = new Map();
  for (const unit of units) {
    for (const ring of unit.rings) {
      for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
        const [a, b] = [[ring[j], ring[j + 1]], [ring[i], ring[i + 1]]];
        const name = a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]) ? `${a},${b}` : `${b},${a}`;
        const edge = edges.get(name);
        if (edge) edge.other = unit;
        else edges.set(name, { a, b, unit, other: null });
      }
    }
  }
  return [...edges.values()];
}

// Lines between units of different grids, and around the community.
export function bordersOf(draft) {
  if (draft.borders) return draft.borders;
  const path = new Path2D();
  for (const { a, b, unit, other } of draft.edges) {
    if (other && other.grid_code === unit.grid_code) continue;
    path.moveTo(...a);
    path.lineTo(...b);
  }
  draft.borders = path;
  return path;
}

// Grids that touch the units picked, other than their own.
export function neighbours(draft) {
  const found = new Set();
  for (const { unit, other } of draft.edges) {
    if (!other) continue;
    if (draft.picked.has(unit.unit_id)) found.add(other.grid_code);
    if (draft.picked.has(other.unit_id)) found.add(unit.grid_code);
  }
  for (const code of sources(draft)) if (sources(draft).size === 1) found.delete(code);
  return found;
}

export const sources = (draft) => new Set([...draft.picked].map((id) => draft.byUnit.get(id).grid_code));
export const gridsHere = (draft) => draft.ground.grids.filter((grid) => grid.community_code === draft.community);
export const unitAt = (draft, x, y) => draft.units.find((unit) => holds(unit.box, x, y) && inside(unit.rings, x, y)) || null;
export const isDraft = (draft) => draft.plan.state === "draft";

// What the service says that an edit did, done here too: units go over, grids come, change and go.
export function applied(draft, answer) {
  draft.revision = answer.revision;
  draft.edits = [...draft.edits, answer.edit];
  for (const { target, units } of answer.moved) {
    for (const id of units) if (draft.byUnit.has(id)) draft.byUnit.get(id).grid_code = target;
  }
  const { ground } = draft;
  const { gained, lost } = answer.edit.effects;
  const same = (a) => (b) => a.rule === b.rule && a.grid_code === b.grid_code && a.subject === b.subject;
  const violations = [...ground.violations.filter((one) => !lost.some(same(one))), ...gained];
  const changed = new Map(answer.grids.map((feature) => [feature.id, gridOf(feature, ground)]));
  const kept = ground.grids.filter((grid) => !answer.gone.includes(grid.grid_code) && !changed.has(grid.grid_code));
  const grids = [...kept, ...changed.values()].sort((a, b) => (a.grid_code < b.grid_code ? -1 : 1));
  draft.ground = { ...ground, violations, grids, outlines: outlinesOf(grids), levels: new Map(), byCode: new Map(grids.map((grid) => [grid.grid_code, grid])) };
  Object.assign(draft, { borders: null, ...nothingPicked() });
  touch();
}

// A grid as the service draws it in GeoJSON; the map of the whole has simpler lines.
function gridOf({ properties, geometry }, { ground, band }) {
  const parts = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  const rings = parts.flat().map((ring) => Float64Array.from(ring.slice(0, -1).flatMap(([lon, lat]) => ground.point(lon, lat))));
  const box = boxOf(rings);
  const within = band && properties.households >= band.minimum && properties.households <= band.maximum;
  const at = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
  return { ...properties, rings, path: pathOf(rings), box, at, radius: Math.min(box[2] - box[0], box[3] - box[1]) / 2, bound: properties.kind === "basic" || within };
}

export function touch() {
  set({ tick: state.tick + 1 });
}
