// A line drawn on the map, point by point: to split a grid along it, or to let a border follow it. By pointer each click
// is a point; by keyboard the arrows move the map, and the middle of the map is the pen.

import { announce } from "../dom.js";
import { state, watch } from "../state.js";
import { t } from "../words.js";
import { touch } from "./model.js";

const SNAP_PX = 10; // so near to a corner of a barrier that is shown, a point goes onto it
const INK = "#0b3a6b";

export const drawsLine = () => Boolean(state.draft) && state.draft.tool === "line";

export function startPen(view) {
  const { map, sheet } = view;
  const container = map.getContainer();
  const add = (latlng) => {
    state.draft.line = [...state.draft.line, snapped(sheet.worldOf(latlng), SNAP_PX / sheet.frame().scale)];
    tell();
  };
  const onClick = (event) => drawsLine() && add(event.latlng);
  const onKey = (event) => {
    if (!drawsLine() || event.target !== container) return;
    if ([" ", "Enter"].includes(event.key)) add(map.getCenter());
    else if (event.key === "Backspace") takeBack();
    else return;
    event.preventDefault();
  };
  // Two quick clicks are two points, and no zoom.
  const ready = () => {
    map.doubleClickZoom[drawsLine() ? "disable" : "enable"]();
    container.classList.toggle("pen", drawsLine());
  };
  map.on("click", onClick);
  container.addEventListener("keydown", onKey);
  view.paint((context, frame) => drawsLine() && paintLine(context, frame, state.draft.line));
  const end = watch(["draft", "tick"], ready);
  return () => {
    end();
    map.off("click", onClick);
    container.removeEventListener("keydown", onKey);
  };
}

export function takeBack() {
  state.draft.line = state.draft.line.slice(0, -1);
  tell();
}

function tell() {
  announce(t("line_points", { n: state.draft.line.length }));
  touch();
}

function snapped(at, within) {
  let [best, most] = [at, within];
  for (const ring of (state.layers.barriers && state.lines?.rings) || []) {
    for (let i = 0; i < ring.length; i += 2) {
      const far = Math.hypot(ring[i] - at[0], ring[i + 1] - at[1]);
      if (far < most) [best, most] = [[ring[i], ring[i + 1]], far];
    }
  }
  return best;
}

function paintLine(context, frame, line) {
  frame.screen(context);
  const points = line.map((point) => frame.toScreen(...point));
  for (const [colour, width] of [["#ffffff", 6], [INK, 3]]) {
    context.beginPath();
    for (const point of points) context.lineTo(...point);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }
  context.fillStyle = INK;
  for (const [x, y] of points) context.fillRect(x - 4, y - 4, 8, 8);
}
