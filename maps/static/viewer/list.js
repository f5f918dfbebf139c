// All grids as a table, to be sorted and walked by keyboard: what the map shows, for those who do not use the map.

import { el, refill } from "./dom.js";
import { titleOf } from "./ground.js";
import { colouring } from "./mapview.js";
import { show } from "./measures.js";
import { state, watch } from "./state.js";
import { number, t } from "./words.js";

const MOST_ROWS = 300;
let order = { by: "value", down: true };

export function startList(place, view) {
  const draw = () => state.tab === "list" && refill(place, ...parts(view, draw));
  draw();
  return watch(["lang", "tab", "measure", "ground", "incidents", "from", "to", "category", "status", "selected"], draw);
}

function parts(view, again) {
  const { values } = colouring();
  const grids = sorted(values);
  const head = ["name", "households", "value"].map((by) => heading(by, again));
  const rows = grids.slice(0, MOST_ROWS).map((grid) => row(grid, values[grid.place], view));
  const left = grids.length - rows.length;
  return [
    el("table", { class: "grid-table" }, el("caption", { class: "quiet", text: t("list_why") }), el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows)),
    left > 0 ? el("p", { class: "quiet", text: t("more_rows", { n: number(left) }) }) : null,
  ];
}

function sorted(values) {
  const key = { name: (grid) => grid.grid_code, households: (grid) => grid.households, value: (grid) => values[grid.place] ?? -Infinity }[order.by];
  const way = order.down ? -1 : 1;
  return [...state.ground.grids].sort((a, b) => (key(a) < key(b) ? -way : key(a) > key(b) ? way : 0));
}

function heading(by, again) {
  const text = by === "value" ? t(`measure_${state.measure}`) : t(by === "name" ? "grid" : "measure_households");
  const run = () => {
    order = { by, down: order.by === by ? !order.down : by !== "name" };
    again();
  };
  const sort = order.by !== by ? "none" : order.down ? "descending" : "ascending";
  return el("th", { scope: "col", "aria-sort": sort }, el("button", { type: "button", "data-name": `sort-${by}`, text, on: { click: run } }));
}

function row(grid, value, view) {
  const open = el("button", { type: "button", "data-name": grid.grid_code, on: { click: () => view.show(grid) } }, el("span", { text: titleOf(grid) }), el("span", { class: "code", text: grid.grid_code }));
  const cells = [el("td", {}, open), el("td", { text: number(grid.households) }), el("td", { text: show(state.measure, value) })];
  return el("tr", { "aria-selected": String(state.selected === grid.grid_code) }, ...cells);
}
