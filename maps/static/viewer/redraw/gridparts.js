// The panel's parts for whole grids: chosen on the map or in the list, merged, split, locked, named; split along a line
// that was drawn, or with a border that follows it.

import { button, el, guarded } from "../dom.js";
import { gridAt, titleOf } from "../ground.js";
import { select } from "../maptab.js";
import { state } from "../state.js";
import { hours, number, t, word } from "../words.js";
import { replan } from "./life.js";
import { gridsHere } from "./model.js";
import { takeBack } from "./pen.js";

const KINDS = ["basic", "rural", "exclusive", "micro"]; // of contract 3.2
const part = (title, ...children) => el("div", { class: "part" }, el("h2", { text: title }), ...children);
const bar = (...children) => el("div", { class: "bar-buttons" }, ...children);
const act = (name, run, props) => button(t(name), run, { "data-name": name, ...props });
const textOf = (grid) => `${grid.locked ? "🔒 " : ""}${titleOf(grid)} · ${t("households_n", { n: number(grid.households) })}`;

// What stands in the panel while grids, and not units, are taken.
export function gridPart(actions) {
  const { draft } = state;
  const grids = [...draft.grids].map((code) => draft.ground.byCode.get(code)).filter(Boolean);
  return part(t("grids_picked"), gridList(actions, grids), ...(grids.length ? doings(actions, grids) : [el("p", { class: "quiet", text: t("pick_grids") })]));
}

function gridList(actions, picked) {
  const changed = (event) => actions.setGrids([...event.target.selectedOptions].map((option) => option.value));
  const options = gridsHere(state.draft).map((grid) => el("option", { value: grid.grid_code, text: `${textOf(grid)} · ${t("hours", { n: hours(grid.work_min) })}`, selected: picked.includes(grid) }));
  return el("select", { class: "unit-list", multiple: true, size: 5, "data-name": "grids", name: "grids", "aria-label": t("grids_picked"), on: { change: changed } }, ...options);
}

function doings(actions, grids) {
  const codes = grids.map((grid) => grid.grid_code);
  const lock = grids.every((grid) => grid.locked) ? "unlock" : "lock";
  const make = (action, parameters, props) => act(action, () => actions.make({ action, parameters }), props);
  return [
    bar(
      make("merge", { codes }, { disabled: codes.length < 2 }),
      make("split", { code: codes[0] }, { disabled: codes.length !== 1 }),
      make(lock, { codes }),
      act("replan_these", () => guarded(() => replan(codes)), { disabled: codes.length < 2 }),
    ),
    kindPart(actions, grids, codes),
    ...(codes.length === 1 ? [renamePart(actions, grids[0])] : []),
  ];
}

function kindPart(actions, grids, codes) {
  const [{ kind }] = grids;
  const current = grids.every((grid) => grid.kind === kind) ? kind : "";
  const options = [...(current ? [] : [["", t("choose")]]), ...KINDS.map((name) => [name, word("kind", name)])];
  return select("kind", t("change_kind"), current, options, (name) => name && actions.make({ action: "change_kind", parameters: { codes, kind: name } }));
}

function renamePart(actions, { grid_code, name }) {
  const input = el("input", { name: "grid-name", "data-name": "grid-name", value: name || "", maxlength: 100, "aria-label": t("rename") });
  return bar(input, act("rename", () => actions.make({ action: "rename", parameters: { code: grid_code, name: input.value.trim() } })));
}

// A line in hand: which grid it splits, or which two grids part along it.
export function linePart(actions) {
  const { draft } = state;
  const { line } = draft;
  const [one, two] = [draft.one || under(draft), draft.two];
  const options = [["", t("choose")], ...gridsHere(draft).map((grid) => [grid.grid_code, textOf(grid)])];
  const choose = (name) => (code) => actions.choose({ [name]: code });
  const drawn = { type: "LineString", coordinates: line.map((point) => draft.ground.ground.lonlat(point)) };
  const ready = line.length > 1 && Boolean(one);
  return part(
    t("tool_line"),
    el("p", { id: "n-points", class: "quiet", text: t("line_points", { n: line.length }) }),
    bar(act("undo_point", takeBack, { disabled: !line.length })),
    select("line-one", t("grid"), one, options, choose("one")),
    bar(act("split_along", () => actions.make({ action: "split", parameters: { code: one, along: drawn } }), { class: "primary", disabled: !ready })),
    select("line-two", t("other_grid"), two, options.filter(([code]) => code !== one), choose("two")),
    bar(act("follow_line", () => actions.make({ action: "follow", parameters: { one, two, street: drawn } }), { disabled: !ready || !two || one === two })),
  );
}

// The grid in which the middle of the line lies.
function under({ line, ground }) {
  if (line.length < 2) return "";
  const [a, b] = [line[Math.floor((line.length - 1) / 2)], line[Math.ceil((line.length - 1) / 2)]];
  const middle = line.length === 2 ? [(line[0][0] + line[1][0]) / 2, (line[0][1] + line[1][1]) / 2] : [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  return gridAt(ground.grids, middle)?.grid_code || "";
}
