// The tab of the map: what to colour by, how to class it, which layers to show.

import { violationText } from "./card.js";
import { el, refill, toast } from "./dom.js";
import { get } from "./http.js";
import { hasBand, measureNames } from "./measures.js";
import { pathOf } from "./shapes.js";
import { set, state, watch } from "./state.js";
import { t } from "./words.js";

const MOST_VIOLATIONS = 20;
const LAYERS = ["grids", "labels", "communities", "violations", "barriers", "before"];

export function startMapTab(place) {
  const draw = () => refill(place, measurePart(), methodPart(), layerPart(), violationPart());
  draw();
  return watch(["lang", "measure", "method", "layers", "incidents", "ground", "lines"], draw);
}

const part = (title, ...children) => el("div", { class: "part" }, el("h2", { text: title }), ...children);

export function select(name, label, value, options, run) {
  const node = el(
    "select",
    { "data-name": name, name, "aria-label": label, on: { change: (event) => run(event.target.value) } },
    ...options.map(([key, text]) => el("option", { value: key, text, selected: key === value })),
  );
  return el("label", { class: "field" }, el("span", { text: label }), node);
}

function measurePart() {
  const choose = (measure) => set({ measure, method: hasBand(measure) ? state.method : "quantile" });
  const options = measureNames().map((name) => [name, t(`measure_${name}`)]);
  return part(t("colour_by"), select("measure", t("measure"), state.measure, options, choose));
}

function methodPart() {
  if (state.measure === "trend") return null;
  const methods = hasBand(state.measure) && state.ground.band ? ["band", "quantile", "equal"] : ["quantile", "equal"];
  const current = methods.includes(state.method) ? state.method : "quantile";
  const options = methods.map((name) => [name, t(`method_${name}`)]);
  return part(t("classes"), select("method", t("classes"), current, options, (method) => set({ method })));
}

function layerPart() {
  const row = (name) =>
    el(
      "label",
      { class: "check" },
      el("input", { type: "checkbox", "data-name": `layer-${name}`, name: `layer-${name}`, checked: state.layers[name], on: { change: (event) => showLayer(name, event.target.checked) } }),
      el("span", { text: t(`layer_${name}`) }),
    );
  return part(t("layers"), el("div", { class: "checks" }, ...LAYERS.map(row)));
}

function violationPart() {
  return state.ground.violations.length ? part(t("layer_violations"), violationList(state.ground)) : null;
}

// What departs from a rule, and why; the longest lists are cut.
export function violationList({ violations }) {
  const rows = violations.slice(0, MOST_VIOLATIONS).map((one) => el("li", { class: "violation" }, ...violationText(one), el("span", { class: "code", text: one.grid_code })));
  return el("div", {}, el("p", { class: "quiet", text: t("violations_n", { n: violations.length }) }), el("ul", {}, ...rows));
}

async function showLayer(name, on) {
  set({ layers: { ...state.layers, [name]: on } });
  if (on && ["barriers", "before"].includes(name) && !state.lines) await readLines();
}

// Barriers and the grids before are many points, so they are asked for when first wanted.
async function readLines() {
  try {
    const { plans } = await get("/v1/viewer/lines");
    const { ground } = state.ground;
    const rings = (name) => plans.flatMap((plan) => ground.rings(plan[name]));
    const path = (name) => pathOf(rings(name), false);
    const before = pathOf(plans.flatMap((plan) => plan.before.flatMap((one) => ground.rings(one.shape))));
    set({ lines: { impassable: path("impassable"), passable: path("passable"), before, rings: ["impassable", "passable"].flatMap(rings), any: plans.some((plan) => plan.before.length) } });
    if (!state.lines.any && state.layers.before) toast(t("no_before"));
  } catch (error) {
    toast(error.message, "error");
  }
}
