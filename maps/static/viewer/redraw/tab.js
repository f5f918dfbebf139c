// The tab for planners: choose or begin a draft; take, give, merge, split, lock, undo; follow it to publication.

import { el, guarded, refill } from "../dom.js";
import { get } from "../http.js";
import { select } from "../maptab.js";
import { state, watch } from "../state.js";
import { t, word } from "../words.js";
import { make, moveOf, tryMove } from "./edits.js";
import { begin, leave } from "./life.js";
import { editorParts } from "./editor.js";
import { neighbours, nothingPicked, openCommunity, openDraft, touch } from "./model.js";
import { paintDraft } from "./paint.js";
import { startPen } from "./pen.js";
import { startPicking } from "./picking.js";

let drafts = [];
let inForce = [];

export function startRedraw(place, view) {
  view.paint(paintDraft);
  const draw = () => state.tab === "redraw" && refill(place, ...(state.draft ? editorParts(actions(view)) : chooserParts()));
  const ends = [
    startPen(view),
    startPicking(view, { pickUnits, pickGrid, openCommunity: (code) => guarded(() => openCommunity(code)) }),
    watch(["lang", "tab", "draft", "tick"], draw),
    watch(["draft", "tick"], () => view.sheet.later()),
    watch(["tab", "draft"], () => state.tab === "redraw" && !state.draft && readDrafts().then(draw)),
  ];
  const undoKeys = (event) => {
    if (!state.draft || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || event.target.matches?.("input")) return;
    event.preventDefault();
    make({ action: event.shiftKey ? "redo" : "undo" });
  };
  addEventListener("keydown", undoKeys);
  return () => {
    removeEventListener("keydown", undoKeys);
    ends.forEach((end) => end());
  };
}

async function readDrafts() {
  const found = await guarded(() => get("/v1/plans"));
  inForce = (found?.plans || []).filter((plan) => plan.in_force);
  drafts = (found?.plans || []).filter((plan) => ["draft", "submitted", "approved"].includes(plan.state));
}

function chooserParts() {
  const name = el("input", { name: "draft-name", "data-name": "draft-name", maxlength: 100, placeholder: t("draft_name"), "aria-label": t("draft_name") });
  let base = state.ground.plans[0].plan_id;
  const bases = inForce.map((plan) => [plan.plan_id, `${plan.name || plan.plan_id} · ${plan.scope}`]);
  const choose = (plan_id) => {
    base = plan_id;
  };
  const start = (event) => {
    event.preventDefault();
    guarded(() => begin(name.value.trim() || t("new_draft"), base));
  };
  const open = (plan) =>
    el(
      "li",
      {},
      el("button", { type: "button", class: "draft", "data-plan": plan.plan_id, on: { click: () => guarded(() => openDraft(plan.plan_id)) } }, el("strong", { text: plan.name || plan.plan_id }), el("span", { class: "quiet", text: `${word("state", plan.state)} · ${plan.author}` })),
    );
  return [
    el("form", { class: "part", on: { submit: start } }, el("h2", { text: t("new_draft") }), name, bases.length > 1 && select("base", t("in_force_now"), base, bases, choose), el("button", { type: "submit", class: "primary wide", text: t("begin") })),
    el("div", { class: "part" }, el("h2", { text: t("drafts") }), drafts.length ? el("ul", { class: "drafts" }, ...drafts.map(open)) : el("p", { class: "quiet", text: t("no_drafts") })),
  ];
}

function pickUnits(ids, how) {
  const { draft } = state;
  for (const id of ids) {
    if (how === "remove" || (how === "toggle" && draft.picked.has(id))) draft.picked.delete(id);
    else draft.picked.add(id);
  }
  draft.grids = new Set();
  aim(draft);
  tryMove();
}

function pickGrid(code) {
  const { draft } = state;
  Object.assign(draft, { picked: new Set(), target: "", tried: null });
  if (!draft.grids.delete(code)) draft.grids.add(code);
  touch();
}

function choose(values) {
  Object.assign(state.draft, values);
  touch();
}

// Keep the target while it can take the units; else the neighbour with the fewest households.
function aim(draft) {
  const near = [...neighbours(draft)].map((code) => draft.ground.byCode.get(code)).filter((grid) => grid && !grid.locked);
  if (near.some((grid) => grid.grid_code === draft.target)) return;
  near.sort((a, b) => a.households - b.households);
  draft.target = near[0]?.grid_code || "";
}

function actions(view) {
  return {
    pickUnits,
    make: (edit) => guarded(() => make(edit)),
    give: () => guarded(() => make(moveOf(state.draft))),
    setTarget: (code) => {
      state.draft.target = code;
      tryMove();
    },
    setGrids: (codes) => choose({ ...nothingPicked(), grids: new Set(codes) }),
    choose,
    setTool: (tool) => {
      state.draft.tool = tool;
      touch();
    },
    clear: () => {
      Object.assign(state.draft, nothingPicked());
      tryMove();
    },
    openCommunity: (code) => guarded(() => openCommunity(code).then(() => flyTo(view))),
    leave: () => guarded(() => leave(false)),
  };
}

function flyTo(view) {
  const { draft } = state;
  const boxes = draft.units.map((unit) => unit.box);
  const box = [0, 1, 2, 3].map((i) => Math[i < 2 ? "min" : "max"](...boxes.map((one) => one[i])));
  const corner = (x, y) => {
    const at = view.map.latLngToContainerPoint(draft.ground.ground.middle);
    const { scale } = view.sheet.frame();
    return view.map.containerPointToLatLng([at.x + x * scale, at.y + y * scale]);
  };
  view.map.fitBounds(L.latLngBounds(corner(box[0], box[1]), corner(box[2], box[3])), { padding: [40, 40], animate: false });
}

