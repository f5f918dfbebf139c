// Incidents of the chosen period, category and status, counted by grid: one pass over columns, kept until they change.

import { state } from "./state.js";

const DAY_MIN = 1440;
let kept = { key: "", counts: null, chosen: null };

// Which incidents meet the filters but that of time: a byte each.
export function chosen() {
  refresh();
  return kept.chosen;
}

// For each grid: received, closed, closed in time, due, and received in the period before of the same length.
export function countsOf() {
  refresh();
  return kept.counts;
}

// Whether the records reach back over the period before as well: else nothing came in then that anybody knows of.
export const knowsBefore = () => 2 * state.from - state.to - 1 >= state.incidents.firstDay;

const keyOf = () => [state.incidents?.digest, state.from, state.to, state.category, state.status, state.ground?.number].join("|");

function refresh() {
  const key = keyOf();
  if (kept.key === key) return;
  const mask = maskOf(state.incidents, state);
  kept = { key, chosen: mask, counts: counted(state.incidents, mask, state.ground.grids.length, state) };
}

function maskOf({ n, category, closed, late, groupOf }, { category: wanted, status }) {
  const mask = new Uint8Array(n).fill(1);
  if (wanted !== "") for (let i = 0; i < n; i += 1) if (groupOf[category[i]] !== wanted) mask[i] = 0;
  if (status === "open") for (let i = 0; i < n; i += 1) if (closed[i] >= 0) mask[i] = 0;
  if (status === "closed") for (let i = 0; i < n; i += 1) if (closed[i] < 0) mask[i] = 0;
  if (status === "late") for (let i = 0; i < n; i += 1) if (!late[i]) mask[i] = 0;
  return mask;
}

function counted({ n, grid, minute, closed, due, late }, mask, nGrids, { from, to }) {
  const counts = Array.from({ length: nGrids }, () => ({ received: 0, closed: 0, onTime: 0, due: 0, before: 0 }));
  const [first, last] = [from * DAY_MIN, (to + 1) * DAY_MIN];
  const earlier = first - (last - first);
  for (let i = 0; i < n; i += 1) {
    if (!mask[i] || grid[i] < 0) continue;
    const mine = counts[grid[i]];
    if (minute[i] >= first && minute[i] < last) {
      mine.received += 1;
      if (closed[i] >= 0) mine.closed += 1;
      if (due[i]) {
        mine.due += 1;
        if (!late[i]) mine.onTime += 1;
      }
    } else if (minute[i] >= earlier && minute[i] < first) mine.before += 1;
  }
  return counts;
}

// Received by day over all that is known, whatever the period: what the time slider shows.
export function byDay(place = null) {
  const mask = chosen();
  const { n, minute, firstDay, lastDay, grid } = state.incidents;
  const days = new Uint32Array(Math.max(1, lastDay - firstDay + 1));
  for (let i = 0; i < n; i += 1) {
    if (mask[i] && (place === null || grid[i] === place)) days[Math.floor(minute[i] / DAY_MIN) - firstDay] += 1;
  }
  return days;
}
