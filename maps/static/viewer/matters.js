// From a grid to its matters, and from one of them to what was done about it.

import { ask, button, el, fill, toast } from "./dom.js";
import { get } from "./http.js";
import { state } from "./state.js";
import { moment, t } from "./words.js";

const MOST_LISTED = 8;
const PERSONAL = ["reporter", "phone", "address", "words"];
let handling = null; // names of categories, levels, states and steps, asked for once

export function latestPart(grid) {
  const list = el("ul", { class: "latest", "aria-live": "polite" });
  const show = async () => {
    try {
      const [found] = await Promise.all([get(`/v1/grids/${encodeURIComponent(grid.grid_code)}/incidents`, { limit: MOST_LISTED }), readHandling()]);
      fill(list, ...(found.incidents.length ? found.incidents.map(item) : [el("li", { class: "quiet", text: t("nothing_found") })]));
    } catch (error) {
      fill(list, el("li", { class: "error", text: error.message }));
    }
  };
  return el("div", {}, button(t("latest"), show, { class: "quiet-button" }), list);
}

async function readHandling() {
  handling = handling || (await get("/v1/incidents/handling"));
}

const named = (rows, code) => rows.find((one) => one.code === code)?.[state.lang] || code;
const categoryOf = (one) => named(handling.categories, one.category) || one.category_said || t("uncategorised");
const stateOf = ({ workflow }, code) => named(handling.workflows[workflow]?.states || [], code);

function item(one) {
  const late = !one.closed_at && one.due_at && Date.parse(one.due_at) < Date.parse(state.session.now);
  const facts = [moment(one.reported_at), stateOf(one, one.state), late ? t("status_late") : null];
  return el(
    "li",
    {},
    el("button", { type: "button", "data-incident": one.incident_id, on: { click: () => open(one.incident_id) } }, el("strong", { text: categoryOf(one) }), el("span", { class: "quiet", text: facts.filter(Boolean).join(" · ") })),
  );
}

async function open(incident_id) {
  const one = await get(`/v1/incidents/${encodeURIComponent(incident_id)}`);
  const pairs = [
    [t("status"), stateOf(one, one.state)],
    [t("level"), named(handling.levels, one.level)],
    [t("reported"), moment(one.reported_at)],
    [t("due"), one.due_at ? moment(one.due_at) : "–"],
    [t("status_closed"), one.closed_at ? moment(one.closed_at) : "–"],
  ];
  const steps = one.steps.map((step) => el("li", {}, el("span", { text: `${stateOf(one, step.state)} · ${step.by}` }), el("span", { class: "quiet", text: moment(step.at) })));
  const body = [
    el("p", { class: "code", text: one.incident_id }),
    el("dl", { class: "facts" }, ...pairs.flatMap(([name, value]) => [el("dt", { text: name }), el("dd", { text: value })])),
    personPart(one),
    el("ul", { class: "history" }, ...steps),
  ];
  await ask(categoryOf(one), body, [["close", t("close"), ""]]);
}

// Who reported it: under a mask, until somebody who may see it asks; that look is on record.
function personPart(one) {
  const place = el("dl", { class: "facts", id: "person" });
  const show = (person) => fill(place, PERSONAL.filter((name) => person[name]).flatMap((name) => [el("dt", { text: t(name) }), el("dd", { text: person[name] })]));
  const look = async () => {
    try {
      show((await get(`/v1/incidents/${encodeURIComponent(one.incident_id)}`, { personal: true })).person);
      reveal.remove();
    } catch (error) {
      toast(error.message, "error");
    }
  };
  const reveal = button(t("show_personal"), look, { class: "quiet-button", id: "button-personal" });
  show(one.person);
  return el("div", {}, place, state.session.role !== "viewer" && place.childElementCount ? reveal : null);
}
