// The time slider: weeks with their numbers, and two handles; it can also run by itself.

import { button, el, fill, svg } from "./dom.js";
import { byDay } from "./counting.js";
import { set, state, watch } from "./state.js";
import { dateOf, weeks } from "./trend.js";
import { day, t } from "./words.js";

const STEP_MS = 350;
let running = 0;

export function startTimeline(place) {
  const nodes = build(place);
  const draw = () => {
    place.hidden = !state.incidents || Boolean(state.draft) || state.tab !== "incidents";
    if (!place.hidden) show(nodes);
  };
  draw();
  const end = watch(["lang", "tab", "incidents", "from", "to", "category", "status", "draft"], draw);
  return () => {
    stop();
    end();
  };
}

// The handles stay the same elements while they are dragged; only what they show changes.
function build(place) {
  const nodes = {
    play: button("▶", () => toggle(nodes), { class: "play", "data-name": "play" }),
    bars: svg("svg", { class: "bars", viewBox: "0 0 100 30", preserveAspectRatio: "none", "aria-hidden": "true" }),
    from: slider("from"),
    to: slider("to"),
    texts: { from: el("output"), to: el("output") },
  };
  const range = el("div", { class: "range" }, nodes.bars, nodes.from, nodes.to, el("div", { class: "range-text" }, nodes.texts.from, nodes.texts.to));
  fill(place, nodes.play, range);
  return nodes;
}

function slider(name) {
  const move = (event) => {
    const value = Number(event.target.value);
    set(name === "from" ? { from: Math.min(value, state.to) } : { to: Math.max(value, state.from) });
  };
  return el("input", { type: "range", name: `slide-${name}`, on: { input: move } });
}

function show(nodes) {
  const { firstDay, lastDay } = state.incidents;
  for (const name of ["from", "to"]) {
    const text = day(dateOf(state[name]));
    Object.assign(nodes[name], { min: firstDay, max: lastDay, value: state[name] });
    nodes[name].setAttribute("aria-label", t(name));
    nodes[name].setAttribute("aria-valuetext", text);
    nodes.texts[name].textContent = text;
  }
  nodes.play.textContent = running ? "❚❚" : "▶";
  nodes.play.setAttribute("aria-label", t(running ? "pause" : "play"));
  fill(nodes.bars, ...bars(firstDay, lastDay));
}

function bars(firstDay, lastDay) {
  const sums = weeks(byDay());
  const most = Math.max(1, ...sums);
  const width = 100 / sums.length;
  const begin = firstDay + ((lastDay - firstDay + 1) % 7);
  return sums.map((sum, i) => {
    const on = begin + 7 * i + 6 >= state.from && begin + 7 * i <= state.to;
    const height = (28 * sum) / most;
    return svg("rect", { class: on ? "bar on" : "bar", x: i * width, width: width * 0.8, y: 30 - height, height });
  });
}

function toggle(nodes) {
  if (running) stop();
  else {
    running = setInterval(step, STEP_MS);
    step();
  }
  show(nodes);
}

function stop() {
  clearInterval(running);
  running = 0;
}

// A week on, the length of the period kept; from the end back to the beginning.
function step() {
  const { firstDay, lastDay } = state.incidents;
  const length = state.to - state.from;
  const from = state.to + 7 > lastDay ? firstDay : state.from + 7;
  set({ from, to: Math.min(lastDay, from + length) });
}
