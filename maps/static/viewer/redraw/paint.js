// How a draft is drawn: grids by the band, the units in hand with their borders, what is picked.

import { classesOf, NONE } from "../classes.js";
import { halo, label, stroke } from "../painting.js";
import { meets } from "../shapes.js";
import { state } from "../state.js";
import { number } from "../words.js";
import { bordersOf } from "./model.js";

const PICKED = "rgb(11 58 107 / 62%)";

export function paintDraft(context, frame) {
  const { draft } = state;
  if (!draft) return;
  const classes = classesOf([], { method: draft.ground.band ? "band" : "equal", band: draft.ground.band });
  const colourOf = (grid) => (grid?.bound ? classes.steps[classes.of(grid.households)]?.colour : null) || NONE;
  frame.world(context);
  for (const grid of draft.ground.grids) {
    if (!meets(grid.box, frame.view) || grid.community_code === draft.community) continue;
    context.fillStyle = colourOf(grid);
    context.globalAlpha = 0.35;
    context.fill(grid.path, "evenodd");
  }
  context.globalAlpha = 1;
  stroke(context, frame, draft.ground.outlines, "rgb(163 25 91 / 35%)", 1);
  paintUnits(context, frame, draft, colourOf);
  stroke(context, frame, bordersOf(draft), "#ffffff", 4.5);
  stroke(context, frame, bordersOf(draft), "#a3195b", 2.4);
  for (const code of [...draft.grids, draft.target]) {
    const grid = draft.ground.byCode.get(code);
    if (grid) stroke(context, frame, grid.path, "#0b3a6b", 4, code === draft.target ? [10, 6] : []);
  }
  paintNames(context, frame, draft);
}

function paintUnits(context, frame, draft, colourOf) {
  frame.world(context);
  context.lineWidth = 0.6 / frame.scale;
  context.strokeStyle = "rgb(40 50 62 / 45%)";
  for (const unit of draft.units) {
    if (!meets(unit.box, frame.view)) continue;
    context.fillStyle = colourOf(draft.ground.byCode.get(unit.grid_code));
    context.fill(unit.path, "evenodd");
    if (frame.zoom > 14.5) context.stroke(unit.path);
    if (draft.picked.has(unit.unit_id)) {
      context.fillStyle = PICKED;
      context.fill(unit.path, "evenodd");
    }
  }
}

function paintNames(context, frame, draft) {
  frame.screen(context);
  context.textAlign = "center";
  context.lineJoin = "round";
  for (const grid of draft.ground.grids) {
    if (grid.community_code !== draft.community || !meets(grid.box, frame.view)) continue;
    const room = 2 * grid.radius * frame.scale;
    if (room > 26) label(context, ...frame.toScreen(...grid.at), room, grid, `${grid.locked ? "🔒 " : ""}${number(grid.households)}`);
  }
  if (frame.zoom > 16.5) paintHomes(context, frame, draft);
}

function paintHomes(context, frame, draft) {
  context.font = "400 11px system-ui, sans-serif";
  for (const unit of draft.units) {
    if (!unit.households || !meets(unit.box, frame.view)) continue;
    const [x, y] = frame.toScreen((unit.box[0] + unit.box[2]) / 2, (unit.box[1] + unit.box[3]) / 2);
    halo(context, String(unit.households), x, y, draft.picked.has(unit.unit_id) ? "#0b3a6b" : "#4b5563");
  }
}
