// The card of the chosen grid: what it holds, how it does, and how matters rose and fell in it.

import { announce, button, el, fill, toast } from "./dom.js";
import { byDay, countsOf, knowsBefore } from "./counting.js";
import { titleOf } from "./ground.js";
import { get } from "./http.js";
import { latestPart } from "./matters.js";
import { ratio } from "./measures.js";
import { set, state, watch } from "./state.js";
import { trendLine } from "./trend.js";
import { hours, number, signed, t, word } from "./words.js";

const ASKED = "asked";

export function startCard(place, view) {
  const draw = () => {
    const grid = state.ground.byCode.get(state.selected);
    place.hidden = !grid || Boolean(state.draft);
    if (place.hidden) return place.replaceChildren();
    place.setAttribute("aria-label", titleOf(grid));
    fill(place, ...parts(grid, view));
    return undefined;
  };
  draw();
  return watch(["selected", "lang", "ground", "workers", "incidents", "from", "to", "category", "status", "draft"], draw);
}

function parts(grid, view) {
  return [
    el(
      "header",
      {},
      el("div", {}, el("h2", { text: titleOf(grid) }), el("p", { class: "code", text: grid.grid_code })),
      button("×", () => set({ selected: null }), { class: "close", "aria-label": t("close") }),
    ),
    facts(grid),
    ...incidentParts(grid),
    ...violationsOf(grid),
    el("footer", {}, button(t("zoom_to"), () => view.show(grid), { class: "quiet-button" })),
  ];
}

const rows = (pairs) => el("dl", {}, ...pairs.flatMap(([name, value]) => [el("dt", { text: name }), el("dd", { text: value })]));

function facts(grid) {
  const name = state.ground.communityNames.get(grid.community_code);
  const pairs = [
    [t("community"), name ? `${name} (${grid.community_code})` : grid.community_code],
    [t("kind"), word("kind", grid.kind)],
    [t("measure_households"), number(grid.households)],
    [t("persons"), number(grid.persons)],
    [t("buildings"), number(grid.units)],
    [t("measure_work"), t("hours", { n: hours(grid.work_min) })],
    [t("area"), t("hectares", { n: number(grid.area_m2 / 1e4, 1) })],
    [t("compactness"), number(grid.compactness, 2)],
  ];
  if (state.session.workers) pairs.push(...workerRows(grid));
  if (grid.locked) pairs.push([t("locked"), t("yes")]);
  return rows(pairs);
}

// Who answers for the grid, asked for with the first card: names are told to some keys alone.
function workerRows({ grid_code }) {
  if (state.workers === null) readWorkers();
  if (state.workers === ASKED) return [];
  const { worker, deputies } = state.workers[grid_code] || { worker: null, deputies: [] };
  return [[t("worker"), worker || t("vacant")], ...(deputies.length ? [[t("deputies"), deputies.join("、")]] : [])];
}

async function readWorkers() {
  const { session } = state;
  state.workers = ASKED;
  try {
    const { grids } = await get("/v1/viewer/workers");
    if (state.session === session) set({ workers: grids }); // else somebody else sits here now
  } catch (error) {
    toast(error.message, "error");
  }
}

function incidentParts(grid) {
  if (!state.incidents) return [];
  const counts = countsOf()[grid.place];
  const pairs = [
    [t("measure_received"), number(counts.received)],
    [t("measure_closure"), ratio(counts.closed, counts.received)],
    [t("measure_on_time"), ratio(counts.onTime, counts.due)],
    [t("measure_per_100"), grid.households ? number((100 * counts.received) / grid.households, 1) : "–"],
    [t("measure_trend"), knowsBefore() ? `${signed(counts.received - counts.before)} (${number(counts.before)} → ${number(counts.received)})` : t("no_before_known")],
  ];
  return [el("h3", { text: t("incidents_in_period") }), rows(pairs), trendLine(byDay(grid.place), state.incidents.firstDay), latestPart(grid)];
}

function violationsOf(grid) {
  const found = state.ground.violations.filter((one) => one.grid_code === grid.grid_code);
  if (found.length) announce(t("violations_n", { n: found.length }));
  return found.map((one) => el("p", { class: "violation" }, ...violationText(one)));
}

export function violationText(one) {
  const figures = [one.value === null ? null : `${t("value")} ${one.value}`, one.limit === null ? null : `${t("limit")} ${one.limit}`];
  return [
    el("strong", { text: word("rule", one.rule) }),
    el("span", { class: "quiet", text: figures.filter(Boolean).join(" · ") }),
    el("span", { text: `${word("reason", one.reason)}${one.proven ? ` (${t("proven")})` : ""}` }),
  ];
}
