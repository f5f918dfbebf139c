// Two plans side by side: maps that move together, and the table of what became of what.

import { byId, el, refill, toast } from "./dom.js";
import { CHANGES } from "./classes.js";
import { get } from "./http.js";
import { readGround, seenFrom, titleOf } from "./ground.js";
import { MAP_OPTIONS } from "./mapview.js";
import { select } from "./maptab.js";
import { halo, outlines } from "./painting.js";
import { inside, holds, meets } from "./shapes.js";
import { Sheet } from "./sheet.js";
import { set, state, watch } from "./state.js";
import { number, t, word } from "./words.js";

const MOST_PAIRS = 200;
let plans = [];
let second = null;

export function startCompare(place, view) {
  const draw = () => state.tab === "compare" && refill(place, ...parts(view));
  readPlans().then(draw);
  const ends = [
    watch(["lang", "tab", "compare", "ground"], draw),
    watch(["tab"], () => state.tab === "compare" ? readPlans().then(draw) : close(view)),
  ];
  view.paint((context, frame) => state.compare && amounts(context, frame, state.ground.grids));
  return () => {
    close(view);
    ends.forEach((end) => end());
  };
}

async function readPlans() {
  try {
    plans = (await get("/v1/plans")).plans;
  } catch (error) {
    toast(error.message, "error");
  }
}

const current = () => state.ground.plans.map((plan) => plan.plan_id);
const nameOf = (plan) => [plan.name || plan.plan_id, word("state", plan.state), plan.valid_from].filter(Boolean).join(" · ");

function parts(view) {
  const others = plans.filter((plan) => !current().includes(plan.plan_id) && plan.state !== "discarded");
  const intro = el("p", { class: "part quiet", text: t(others.length ? "compare_why" : "no_other_plan") });
  if (!others.length) return [intro];
  const options = [["", t("choose_plan")], ...others.map((plan) => [plan.plan_id, nameOf(plan)])];
  const choice = select("compare", t("plan"), state.compare?.plan_id || "", options, (plan_id) => (plan_id ? open(plan_id, view) : close(view)));
  return [intro, el("div", { class: "part" }, choice), ...(state.compare ? tableParts(view) : [])];
}

// The plan in force on the same ground: where several are, the one of the nearest scope.
function counterpart(plan_id) {
  const { scope } = plans.find((plan) => plan.plan_id === plan_id);
  const mine = plans.filter((plan) => current().includes(plan.plan_id));
  const fits = mine.find((plan) => plan.scope.startsWith(scope) || scope.startsWith(plan.scope));
  return (fits || mine[0]).plan_id;
}

async function open(plan_id, view) {
  try {
    const [ground, diff] = await Promise.all([get("/v1/viewer/ground", { plan_id }), get(`/v1/plans/${counterpart(plan_id)}/diff/${plan_id}`)]);
    set({ compare: { plan_id, ground: readGround(ground, state.ground.ground), diff, ...changesOf(diff) } });
    showSecond(view);
  } catch (error) {
    toast(error.message, "error");
  }
}

function changesOf({ pairs }) {
  const [oldChanges, newChanges] = [new Map(), new Map()];
  for (const pair of pairs) {
    if (pair.old_code && (!oldChanges.has(pair.old_code) || pair.change !== "changed")) oldChanges.set(pair.old_code, pair.change);
    if (pair.new_code && (!newChanges.has(pair.new_code) || pair.change !== "changed")) newChanges.set(pair.new_code, pair.change);
  }
  return { oldChanges, newChanges };
}

function close(view) {
  if (second) {
    view.map.off("move", second.follow);
    second.map.remove();
  }
  second = null;
  const other = byId("other-map");
  if (other && !other.hidden) {
    other.hidden = true;
    byId("maps").classList.remove("two");
    view.map.invalidateSize({ animate: false });
  }
  if (state.compare) set({ compare: null });
}

function showSecond(view) {
  const other = byId("other-map");
  other.hidden = false;
  byId("maps").classList.add("two");
  view.map.invalidateSize({ animate: false });
  view.whole();
  if (second) second.map.remove();
  const map = L.map(other, { ...MAP_OPTIONS, keyboard: true });
  const shown = () => state.compare?.ground || state.ground;
  const sheet = new Sheet(state.ground.ground, [
    (context, frame) => state.compare && paintChanges(context, frame, seenFrom(shown(), frame.zoom).grids, state.compare.newChanges),
    outlines(shown),
    (context, frame) => amounts(context, frame, shown().grids),
  ]);
  map.setView(view.map.getCenter(), view.map.getZoom(), { animate: false });
  sheet.addTo(map);
  let busy = false;
  const tie = (from, to) => () => {
    if (busy) return;
    busy = true;
    to.setView(from.getCenter(), from.getZoom(), { animate: false });
    busy = false;
  };
  const follow = tie(view.map, map);
  view.map.on("move", follow);
  map.on("move", tie(map, view.map));
  map.on("click", (event) => pickPair(shown().grids, sheet.worldOf(event.latlng)));
  other.setAttribute("aria-label", t("other_plan"));
  second = { map, follow };
  view.sheet.later();
}

function pickPair(grids, [x, y]) {
  const grid = grids.find((one) => holds(one.box, x, y) && inside(one.rings, x, y));
  const row = grid && document.querySelector(`[data-new="${CSS.escape(grid.grid_code)}"]`);
  if (row) row.scrollIntoView({ block: "center" });
}

function paintChanges(context, frame, grids, changes) {
  frame.world(context);
  for (const grid of grids) {
    if (!meets(grid.box, frame.view)) continue;
    context.fillStyle = CHANGES[changes.get(grid.grid_code)] || CHANGES.unchanged;
    context.fill(grid.path, "evenodd");
  }
}

function amounts(context, frame, grids) {
  frame.screen(context);
  context.textAlign = "center";
  context.font = "600 12px system-ui, sans-serif";
  for (const grid of grids) {
    if (2 * grid.radius * frame.scale < 44 || !meets(grid.box, frame.view)) continue;
    halo(context, String(grid.households), ...frame.toScreen(...grid.at));
  }
}

function tableParts(view) {
  const { diff } = state.compare;
  const pairs = diff.pairs.filter((pair) => pair.change !== "unchanged").slice(0, MOST_PAIRS);
  const head = ["old_grid", "new_grid", "change", "households"].map((name) => el("th", { scope: "col", text: t(name) }));
  const legend = Object.entries(CHANGES).filter(([name]) => name !== "retired").map(([name, colour]) => el("span", { class: "key" }, el("i", { class: "swatch", colour }), el("span", { text: word("change", name) })));
  return [
    el("p", { class: "part big" }, el("b", { id: "n-moved", text: number(diff.households_moved) }), el("span", { text: t("households_moved") })),
    el("div", { class: "part keys" }, ...legend),
    el("table", { class: "grid-table pairs" }, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...pairs.map((pair) => pairRow(pair, view)))),
  ];
}

function pairRow(pair, view) {
  const grid = state.ground.byCode.get(pair.old_code);
  const old = grid
    ? el("button", { type: "button", "data-name": `pair-${pair.old_code}-${pair.new_code}`, on: { click: () => view.show(grid) } }, el("span", { text: titleOf(grid) }), el("span", { class: "code", text: pair.old_code }))
    : el("span", { class: "code", text: pair.old_code || "–" });
  const made = state.compare.ground.byCode.get(pair.new_code);
  const fresh = el("span", {}, el("span", { text: made ? titleOf(made) : "–" }), el("span", { class: "code", text: pair.new_code || "" }));
  return el("tr", { "data-new": pair.new_code }, el("td", {}, old), el("td", {}, fresh), el("td", { text: word("change", pair.change) }), el("td", { text: number(pair.households) }));
}
