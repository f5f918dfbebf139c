// The grids as they are drawn: read once from what the service sends.

import { Ground, ZOOM, boxOf, holds, inside, pathOf, simpler } from "./shapes.js";

let numbers = 0;

export function readGround(data, keep) {
  const ground = keep || new Ground(data.bounds);
  const grids = data.grids.map((grid, place) => readGrid(ground, grid, place));
  const bound = boundBy(data);
  for (const grid of grids) grid.bound = bound(grid);
  const lines = data.borders.flatMap((part) => part.map((ring) => ground.ring(ring)));
  const communities = data.communities.map((one) => ({ ...one, at: ground.point(one.place[0], one.place[1]), radius: one.place[2] / ground.metre }));
  numbers += 1;
  return {
    ...data,
    number: numbers,
    ground,
    grids,
    communities,
    byCode: new Map(grids.map((grid) => [grid.grid_code, grid])),
    communityNames: new Map(communities.map((one) => [one.community_code, one.name])),
    lines,
    borders: pathOf(lines, false),
    outlines: outlinesOf(grids),
    levels: new Map(),
    band: data.plans.map((plan) => plan.band).find(Boolean) || null,
  };
}

function readGrid(ground, grid, place) {
  const rings = ground.rings(grid.shape);
  const [lon, lat, radius] = grid.place;
  return {
    ...grid,
    place,
    rings,
    path: pathOf(rings),
    box: boxOf(rings),
    at: ground.point(lon, lat),
    lonlat: [lon, lat],
    radius: radius / ground.metre, // of the largest circle in it, world pixels
  };
}

const WITHIN_PX = 0.5; // no eye sees less

// The same grids and borders as they look from afar: paths without the points that no pixel shows, which take ten times
// as long to draw; made once for each zoom.
export function seenFrom(ground, zoom) {
  const level = Math.floor(zoom);
  if (level >= ZOOM) return ground;
  if (!ground.levels.has(level)) {
    const tolerance = WITHIN_PX * 2 ** (ZOOM - level - 1);
    const grids = ground.grids.map((grid) => ({ ...grid, path: pathOf(grid.rings.map((ring) => simpler(ring, tolerance))) }));
    const borders = pathOf(ground.lines.map((line) => simpler(line, tolerance, false)), false);
    ground.levels.set(level, { grids, outlines: outlinesOf(grids), borders });
  }
  return ground.levels.get(level);
}

export function outlinesOf(grids) {
  const path = new Path2D();
  for (const grid of grids) path.addPath(grid.path);
  return path;
}

// Whether the band binds a grid: basic ones, those in it, and those with a violation of it.
function boundBy({ plans, violations }) {
  const named = new Set(violations.filter((one) => one.rule === "band").map((one) => one.grid_code));
  const bands = new Map(plans.map((plan) => [plan.plan_id, plan.band]));
  return (grid) => {
    const band = bands.get(grid.plan_id);
    if (!band) return false;
    const within = grid.households >= band.minimum && grid.households <= band.maximum;
    return grid.kind === "basic" || within || named.has(grid.grid_code);
  };
}

export function gridAt(grids, [x, y]) {
  return grids.find((grid) => holds(grid.box, x, y) && inside(grid.rings, x, y)) || null;
}

export const shortCode = (grid) =>
  grid.grid_code.startsWith(grid.community_code) && grid.grid_code.length > grid.community_code.length
    ? grid.grid_code.slice(grid.community_code.length)
    : grid.grid_code;

export const titleOf = (grid) => grid.name || grid.grid_code;
