// What the colours mean, and how many grids have each.

import { el, fill } from "./dom.js";
import { NONE } from "./classes.js";
import { colouring } from "./mapview.js";
import { show } from "./measures.js";
import { state, watch } from "./state.js";
import { number, t } from "./words.js";

export function startLegend(place) {
  const draw = () => {
    place.hidden = Boolean(state.draft || state.compare);
    if (!place.hidden) fill(place, ...parts());
  };
  draw();
  return watch(["lang", "measure", "method", "ground", "incidents", "from", "to", "category", "status", "draft", "compare"], draw);
}

function parts() {
  const { steps, tally, places, method } = colouring();
  const rows = steps.map((step, i) => row(step.colour, rangeText(step), tally[i]));
  const none = places.filter((place) => place < 0).length;
  if (none) rows.push(row(NONE, t(method === "band" ? "unbound" : "no_value"), none));
  return [
    el("h2", {}, el("span", { text: t(`measure_${state.measure}`) }), el("span", { class: "quiet", text: t("grids") })),
    ...rows,
    el("p", { class: "quiet", text: t(`method_${method}_why`) }),
  ];
}

const row = (colour, text, count) =>
  el("div", { class: count ? "step" : "step none" }, el("i", { class: "swatch", colour }), el("span", { text }), el("b", { text: number(count) }));

function rangeText({ low, high, key, last }) {
  const write = (value) => show(state.measure, value);
  const words = key === "below" || key === "above" ? `${t(key)} ` : "";
  if (low === null) return `${words}≤ ${write(high)}`;
  if (high === null) return `${words}≥ ${write(low)}`;
  if (low === high) return write(low);
  if (key === "band" || key === "" && last === undefined) return `${write(low)} – ${write(high)}`;
  return last ? `${write(low)} – ${write(high)}` : `${write(low)} – < ${write(high)}`;
}
