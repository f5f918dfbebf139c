// Taking units on the map: by click, by rectangle, by lasso; or whole grids. The other fingers and the keyboard stay free.

import { gridAt } from "../ground.js";
import { inside } from "../shapes.js";
import { state } from "../state.js";
import { unitAt } from "./model.js";

export const TOOLS = ["click", "rectangle", "lasso", "grid", "line"];
const STEP_PX = 4;

export function startPicking(view, { pickUnits, pickGrid, openCommunity }) {
  const { map, sheet } = view;
  let drawn = null; // points of a rectangle or lasso, world coordinates
  const drawing = () => state.draft && ["rectangle", "lasso"].includes(state.draft.tool);
  const container = map.getContainer();

  const onClick = (event) => {
    const { draft } = state;
    if (!draft || drawing() || draft.tool === "line") return;
    const [x, y] = sheet.worldOf(event.latlng);
    const unit = unitAt(draft, x, y);
    if (!unit) {
      const grid = gridAt(draft.ground.grids, [x, y]);
      if (grid) openCommunity(grid.community_code);
    } else if (draft.tool === "grid") pickGrid(unit.grid_code);
    else pickUnits([unit.unit_id], "toggle");
  };
  const worldAt = (event) => sheet.worldOf(map.mouseEventToLatLng(event));

  const down = (event) => {
    if (!drawing() || event.button !== 0 || event.target.closest(".leaflet-control")) return;
    map.dragging.disable();
    container.setPointerCapture(event.pointerId);
    drawn = { points: [worldAt(event)], last: [event.clientX, event.clientY] };
    event.preventDefault();
  };
  const move = (event) => {
    if (!drawn || Math.hypot(event.clientX - drawn.last[0], event.clientY - drawn.last[1]) < STEP_PX) return;
    const at = worldAt(event);
    drawn.points = state.draft.tool === "lasso" ? [...drawn.points, at] : cornersOf(drawn.points[0], at);
    drawn.last = [event.clientX, event.clientY];
    sheet.later();
  };
  const up = (event) => {
    if (!drawn) return;
    const { points } = drawn;
    drawn = null;
    map.dragging.enable();
    if (points.length > 2) pickUnits(withinOf(state.draft, points), event.altKey ? "remove" : "add");
    sheet.later();
  };
  map.on("click", onClick);
  container.addEventListener("pointerdown", down);
  container.addEventListener("pointermove", move);
  container.addEventListener("pointerup", up);
  container.addEventListener("pointercancel", up);
  view.paint((context, frame) => drawn && paintDrawn(context, frame, drawn.points));
  return () => map.off("click", onClick);
}

const cornersOf = ([x0, y0], [x1, y1]) => [[x0, y0], [x1, y0], [x1, y1], [x0, y1]];

// Units whose middle lies in what was drawn.
function withinOf(draft, points) {
  const ring = Float64Array.from(points.flat());
  const middle = ({ box }) => [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
  return draft.units.filter((unit) => inside([ring], ...middle(unit))).map((unit) => unit.unit_id);
}

function paintDrawn(context, frame, points) {
  frame.world(context);
  context.beginPath();
  points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.closePath();
  context.fillStyle = "rgb(17 80 127 / 18%)";
  context.fill();
  context.lineWidth = 2 / frame.scale;
  context.strokeStyle = "#11507f";
  context.stroke();
}
