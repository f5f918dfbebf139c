// What grids can be coloured by: each a number for a grid, or null, with how it is shown.

import { countsOf, knowsBefore } from "./counting.js";
import { state } from "./state.js";
import { hours, number, percent, signed, t } from "./words.js";

const share = (part, whole) => (whole ? part / whole : null);

// name: [value of a grid and its counts, options of its classes, how it is written]
const MEASURES = {
  households: { of: (grid) => grid.households, ramp: "households", band: true, whole: true, show: (v) => number(v) },
  work: { of: (grid) => grid.work_min, ramp: "work", show: (v) => t("hours", { n: hours(v) }) },
  received: { of: (grid, c) => c.received, ramp: "incidents", whole: true, counted: true, show: (v) => number(v) },
  closure: { of: (grid, c) => share(c.closed, c.received), ramp: "good", counted: true, show: percent },
  on_time: { of: (grid, c) => share(c.onTime, c.due), ramp: "good", counted: true, show: percent },
  per_100: {
    of: (grid, c) => (grid.households ? (100 * c.received) / grid.households : null),
    ramp: "incidents",
    counted: true,
    show: (v) => number(v, 1),
  },
  trend: { of: (grid, c) => (knowsBefore() ? c.received - c.before : null), ramp: "change", counted: true, show: (v) => signed(v) },
};

export const measureNames = () => Object.keys(MEASURES).filter((name) => state.incidents || !MEASURES[name].counted);
export const measureOf = (name) => MEASURES[name];
export const show = (name, value) => (value === null || value === undefined ? "–" : MEASURES[name].show(value));
export const hasBand = (name) => Boolean(MEASURES[name].band);

const NOTHING = { received: 0, closed: 0, onTime: 0, due: 0, before: 0 };

// The value of each grid, in the order of the grids.
export function valuesOf(name, grids) {
  const measure = MEASURES[name];
  const counts = measure.counted ? countsOf() : null;
  return grids.map((grid) => measure.of(grid, counts ? counts[grid.place] || NOTHING : NOTHING));
}

const SMALL = 20; // as gridplan.incidents.rates: below it nobody should rank by a rate

// A rate with what it is made of: no share without its numerator and denominator.
export function ratio(part, whole) {
  const few = whole > 0 && whole < SMALL ? ` ${t("few")}` : "";
  return `${percent(share(part, whole))} (${number(part)}/${number(whole)})${few}`;
}
