// The panel while a draft is in hand: what is picked, where it goes, what that does, and what was done so far.

import { button, el, guarded } from "../dom.js";
import { titleOf } from "../ground.js";
import { select, violationList } from "../maptab.js";
import { state } from "../state.js";
import { hours, number, t, word } from "../words.js";
import { cancelJob, NEXT, replan, take } from "./life.js";
import { gridsHere, isDraft, neighbours, sources } from "./model.js";
import { gridPart, linePart } from "./gridparts.js";
import { TOOLS } from "./picking.js";

const MOST_EDITS = 30;
const part = (title, ...children) => el("div", { class: "part" }, title && el("h2", { text: title }), ...children);
const bar = (...children) => el("div", { class: "bar-buttons" }, ...children);
const act = (name, run, props) => button(t(name), run, { "data-name": name, ...props });

export function editorParts(actions) {
  const { draft } = state;
  if (!isDraft(draft)) return [headPart(actions), lifePart()];
  const doing = draft.job ? [jobPart(draft.job)] : [toolPart(actions), pickedPart(actions), historyPart()];
  return [headPart(actions), ...doing, lifePart()];
}

function headPart(actions) {
  const { draft } = state;
  const options = draft.ground.communities.map((one) => [one.community_code, one.name || one.community_code]);
  return part(
    null,
    el("p", {}, el("strong", { text: draft.plan.name || draft.plan_id }), el("span", { class: "quiet", text: ` · ${word("state", draft.plan.state)} · r${draft.revision}` })),
    select("community", t("community"), draft.community, options, actions.openCommunity),
    bar(act("close_draft", actions.leave, { class: "quiet-button" })),
  );
}

function toolPart(actions) {
  const { draft } = state;
  const tool = (name) => button(t(`tool_${name}`), () => actions.setTool(name), { "aria-pressed": String(draft.tool === name), "data-name": `tool-${name}` });
  const undo = (name) => act(name, () => actions.make({ action: name }), { disabled: !canTakeBack(draft, name) });
  return part(
    t("tools"),
    el("div", { class: "switch", role: "group", "aria-label": t("tools") }, ...TOOLS.map(tool)),
    el("p", { class: "quiet", text: t(`tool_${draft.tool}_why`) }),
    bar(undo("undo"), undo("redo"), act("clear", actions.clear, { disabled: !draft.picked.size && !draft.grids.size && !draft.line.length })),
  );
}

// How many edits can be taken back, and made again: each taking back is an edit of the history too.
function canTakeBack({ edits }, name) {
  let [done, undone] = [0, 0];
  for (const { action } of edits) {
    if (action === "undo") [done, undone] = [done - 1, undone + 1];
    else if (action === "redo") [done, undone] = [done + 1, undone - 1];
    else [done, undone] = [done + 1, 0];
  }
  return (name === "undo" ? done : undone) > 0;
}

function pickedPart(actions) {
  const { draft } = state;
  if (draft.tool === "line") return linePart(actions);
  if (draft.grids.size || draft.tool === "grid") return gridPart(actions);
  const list = el("div", {}, unitList(actions));
  if (!draft.picked.size) return part(t("units"), el("p", { class: "quiet", text: t("pick_first") }), list);
  const households = [...draft.picked].reduce((sum, id) => sum + draft.byUnit.get(id).households, 0);
  const near = neighbours(draft);
  const all = [...gridsHere(draft)].sort((a, b) => near.has(b.grid_code) - near.has(a.grid_code));
  const options = [["", t("choose")], ...all.map((grid) => [grid.grid_code, `${titleOf(grid)} · ${t("households_n", { n: number(grid.households) })}${near.has(grid.grid_code) ? "" : ` · ${t("not_adjacent")}`}`])];
  const from = [...sources(draft)].map((code) => titleOf(draft.ground.byCode.get(code))).join("、");
  return part(
    t("units"),
    el("p", { id: "n-picked", text: t("picked", { n: draft.picked.size, households: number(households), from }) }),
    list,
    select("target", t("give_to"), draft.target, options, actions.setTarget),
    triedPart(draft),
    bar(act("give", actions.give, { class: "primary", disabled: !draft.target })),
  );
}

let listed = { key: "", node: null };

// All units of the community by grid: for the keyboard, and to find a building by its number. It is long, so it is made
// anew only when units change hands.
function unitList(actions) {
  const { draft } = state;
  const key = [draft.plan_id, draft.revision, draft.community, state.lang].join("|");
  if (listed.key !== key) listed = { key, node: madeList(draft, actions) };
  for (const option of listed.node.options) {
    const picked = draft.picked.has(option.value);
    if (option.selected !== picked) option.selected = picked;
  }
  return listed.node;
}

function madeList(draft, actions) {
  const label = (unit) => `${unit.buildings.slice(0, 3).join(", ") || unit.unit_id} · ${t("households_n", { n: unit.households })}`;
  const groups = gridsHere(draft).map((grid) => {
    const mine = draft.units.filter((unit) => unit.grid_code === grid.grid_code && unit.buildings.length);
    return el("optgroup", { label: titleOf(grid) }, ...mine.map((unit) => el("option", { value: unit.unit_id, text: label(unit) })));
  });
  const changed = (event) => {
    const now = new Set([...event.target.selectedOptions].map((option) => option.value));
    const gone = [...state.draft.picked].filter((id) => !now.has(id));
    if (gone.length) actions.pickUnits(gone, "remove");
    actions.pickUnits([...now], "add");
  };
  return el("select", { class: "unit-list", multiple: true, size: 5, "data-name": "units", name: "units", "aria-label": t("units"), on: { change: changed } }, ...groups);
}

function triedPart({ tried }) {
  if (!tried) return null;
  if (tried.refused) return el("p", { class: "error", role: "alert", text: tried.refused });
  const { effects } = tried.answer.edit;
  const band = state.draft.ground.band;
  const out = (n) => (band && (n < band.minimum || n > band.maximum) ? "bad" : "good");
  const row = ({ name, before, after }) =>
    el(
      "tr",
      {},
      el("td", { text: name }),
      el("td", { class: after ? out(after.households) : "", text: `${number(before?.households)} → ${number(after?.households)}` }),
      el("td", { text: `${before ? hours(before.work_min) : "–"} → ${after ? hours(after.work_min) : "–"}` }),
    );
  const head = [t("grid"), t("measure_households"), t("work_hours")].map((text) => el("th", { scope: "col", text }));
  return el(
    "div",
    { id: "tried" },
    el("table", { class: "numbers" }, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...effects.grids.map(row))),
    ...changesOf("gained", effects.gained),
    ...changesOf("lost", effects.lost),
  );
}

const changesOf = (name, rows) =>
  rows.map((one) => el("p", { class: name === "gained" ? "violation" : "quiet", text: `${t(name)}: ${word("rule", one.rule)} · ${one.grid_code} (${one.value} / ${one.limit})` }));

function jobPart(job) {
  const most = job.total || undefined;
  return part(
    t("job"),
    el("progress", { id: "job", max: most, value: most ? job.done : undefined, "aria-label": t("job") }),
    el("p", { class: "quiet", text: t("job_stands", { stage: word("stage", job.stage || job.state), done: number(job.done), total: number(job.total) }) }),
    bar(act("cancel_job", () => guarded(() => cancelJob(job)))),
  );
}

function historyPart() {
  const { draft } = state;
  const rows = draft.edits.slice(-MOST_EDITS).reverse().map((edit) => el("li", {}, el("span", { text: word("action", edit.action) }), el("span", { class: "quiet", text: [edit.author, edit.reason].filter(Boolean).join(" · ") })));
  return part(t("history"), rows.length ? el("ul", { class: "history", id: "history" }, ...rows) : el("p", { class: "quiet", text: t("no_edits") }));
}

function lifePart() {
  const { draft } = state;
  const next = NEXT[draft.plan.state];
  const rest = isDraft(draft) && !draft.job ? [act("replan_rest", () => guarded(() => replan("unlocked")))] : [];
  return part(
    t("next_step"),
    violationList(draft.ground),
    bar(
      ...rest,
      ...(next && next !== "publish" ? [act(next, () => guarded(() => take(next)))] : []),
      act("publish", () => guarded(() => take("publish")), { class: "primary" }),
      act("discard", () => guarded(() => take("discard")), { class: "quiet-button" }),
    ),
  );
}
