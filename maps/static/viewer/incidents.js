// Incidents: read once as columns, then filtered, counted and drawn here, so that the time slider answers at once.

import { button, el, refill, toast } from "./dom.js";
import { get } from "./http.js";
import { select } from "./maptab.js";
import { set, state, watch } from "./state.js";
import { paintSpots, spotAt } from "./spots.js";
import { startTimeline } from "./timeline.js";
import { day, number, t } from "./words.js";
import { byDay } from "./counting.js";
import { dateOf } from "./trend.js";

const STATUSES = ["", "open", "closed", "late"];
const SPOTS = ["off", "clusters", "heat"];

export function startIncidents(place, timeline, view) {
  const draw = () => state.tab === "incidents" && refill(place, ...parts());
  view.paint(paintSpots());
  view.map.on("click", (event) => {
    const spot = state.spots === "clusters" && !state.draft ? spotAt(view, event) : null;
    if (spot && spot.n > 1 && view.map.getZoom() < 18) view.map.setView(event.latlng, Math.min(19, view.map.getZoom() + 2));
  });
  read();
  draw();
  const ends = [
    startTimeline(timeline),
    watch(["lang", "tab", "incidents", "from", "to", "category", "status", "spots"], draw),
    watch(["incidents", "spots", "from", "to", "category", "status"], () => view.sheet.later()),
  ];
  return () => ends.forEach((end) => end());
}

async function read() {
  const { session } = state;
  try {
    const found = await get("/v1/viewer/incidents");
    if (!found.n || state.session !== session) return;
    set({ incidents: unpacked(found), ...lastMonths(found) });
  } catch (error) {
    if (error.status !== 404) toast(error.message, "error");
  }
}

// The period that is shown first: the last 30 days that have matters.
function lastMonths({ lastDay, firstDay }) {
  return { from: Math.max(firstDay, lastDay - 29), to: lastDay };
}

// Columns of the service (steps and whole numbers) as typed arrays.
function unpacked(found) {
  const { ground, byCode } = state.ground;
  const n = found.n;
  const placeOf = found.grids.map((code) => byCode.get(code)?.place ?? -1);
  const [x, y] = [new Float32Array(n), new Float32Array(n)];
  const minute = Int32Array.from(found.minute);
  for (let i = 1; i < n; i += 1) minute[i] += minute[i - 1];
  for (let i = 0; i < n; i += 1) {
    const home = placeOf[found.grid[i]] ?? -1;
    const exact = found.lon && found.lon[i] !== null;
    const at = exact ? ground.point(found.lon[i] / 1e5, found.lat[i] / 1e5) : home >= 0 ? state.ground.grids[home].at : [NaN, NaN];
    [x[i], y[i]] = at;
  }
  return {
    ...found,
    x,
    y,
    minute,
    exact: Boolean(found.lon),
    grid: Int32Array.from(found.grid, (each) => (each < 0 ? -1 : placeOf[each])),
    category: Uint16Array.from(found.category),
    closed: Int32Array.from(found.closed),
    ...deadlines(found, minute),
    groupOf: found.categories.map((one) => one.code),
  };
}

// Whether a matter counts for the on-time rate (its deadline was met or is past), and whether it is late. What the
// source itself says goes before what its times say.
function deadlines({ n, closed, due, met, zone }, minute) {
  const now = localMinute(new Date(state.session.now), zone);
  const [counts, late] = [new Uint8Array(n), new Uint8Array(n)];
  for (let i = 0; i < n; i += 1) {
    const over = due[i] >= 0 && (closed[i] >= 0 ? closed[i] > due[i] : now > minute[i] + due[i]);
    late[i] = met[i] >= 0 ? 1 - met[i] : Number(over);
    counts[i] = Number(met[i] >= 0 || (due[i] >= 0 && (closed[i] >= 0 || over)));
  }
  return { due: counts, late };
}

// The time by the clocks of a place, as the columns have it: minutes since 1970.
function localMinute(date, timeZone) {
  const options = { timeZone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" };
  const parts = Object.fromEntries(new Intl.DateTimeFormat("en", options).formatToParts(date).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute) / 60000;
}

function parts() {
  if (!state.incidents) return [el("p", { class: "part quiet", text: t("no_incidents") })];
  return [spotPart(), filterPart(), periodPart(), el("p", { class: "part quiet", text: t(state.incidents.exact ? "exact_points" : "grid_points") })];
}

const part = (title, ...children) => el("div", { class: "part" }, el("h2", { text: title }), ...children);

function spotPart() {
  const choice = (name) => button(t(`spots_${name}`), () => set({ spots: name }), { "aria-pressed": String(state.spots === name), "data-name": `spots-${name}` });
  return part(t("on_map"), el("div", { class: "switch", role: "group", "aria-label": t("on_map") }, ...SPOTS.map(choice)));
}

function filterPart() {
  const categories = state.incidents.categories.map((one) => [one.code, one[state.lang] || one.code || t("uncategorised")]);
  return part(
    t("filters"),
    select("category", t("category"), state.category, [["", t("all")], ...categories.filter(([code]) => code)], (category) => set({ category })),
    select("status", t("status"), state.status, STATUSES.map((name) => [name, t(`status_${name || "all"}`)]), (status) => set({ status })),
  );
}

function periodPart() {
  const field = (name, label) =>
    el(
      "label",
      { class: "field" },
      el("span", { text: label }),
      el("input", { type: "date", "data-name": name, name, value: day(dateOf(state[name])), min: day(dateOf(state.incidents.firstDay)), max: day(dateOf(state.incidents.lastDay)), on: { change: (event) => setDay(name, event.target.value) } }),
    );
  const days = byDay();
  let sum = 0;
  for (let i = state.from; i <= state.to; i += 1) sum += days[i - state.incidents.firstDay] || 0;
  return part(t("period"), el("div", { class: "two" }, field("from", t("from")), field("to", t("to"))), el("p", { class: "big" }, el("b", { id: "n-incidents", text: number(sum) }), el("span", { text: t("in_period") })));
}

function setDay(name, text) {
  const days = Math.floor(Date.parse(`${text}T00:00:00Z`) / 86400000);
  if (Number.isNaN(days)) return;
  if (name === "from") set({ from: Math.min(days, state.to) });
  else set({ to: Math.max(days, state.from) });
}
