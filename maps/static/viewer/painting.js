// What is drawn of grids: fills, borders, labels, the chosen one.

import { holds, meets } from "./shapes.js";
import { seenFrom, shortCode, titleOf } from "./ground.js";

const BORDER = "#a3195b"; // magenta, as DB11/T 2157-2023 asks of grid boundaries
const COMMUNITY = "#1f2a3d";
const FAR = 13; // zoom below which lines are thin and plain
const FONT = '"PingFang SC", "Microsoft YaHei UI", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", system-ui, sans-serif';

const FAINT = 0.4; // of the colours of grids, where incidents lie upon them in colours of their own

export function fills(ground, colourOf, faint) {
  return (context, frame) => {
    frame.world(context);
    context.globalAlpha = faint() ? FAINT : 1;
    const { grids } = seenFrom(ground(), frame.zoom);
    for (const grid of grids) {
      if (!meets(grid.box, frame.view)) continue;
      context.fillStyle = colourOf(grid);
      context.fill(grid.path, "evenodd");
    }
    context.globalAlpha = 1;
  };
}

export function outlines(ground, shown = () => true) {
  return (context, frame) => {
    if (!shown()) return;
    const path = seenFrom(ground(), frame.zoom).outlines;
    if (frame.zoom > 14) stroke(context, frame, path, "rgb(255 255 255 / 70%)", 3);
    stroke(context, frame, path, BORDER, frame.zoom > 14 ? 1.5 : 0.8);
  };
}

export function borders(ground, shown) {
  return (context, frame) => {
    if (!shown()) return;
    const path = seenFrom(ground(), frame.zoom).borders;
    if (frame.zoom < FAR) return stroke(context, frame, path, COMMUNITY, 1.4); // a dash needs room
    stroke(context, frame, path, "rgb(255 255 255 / 85%)", 4.6);
    return stroke(context, frame, path, COMMUNITY, 2.2, [11, 4, 2, 4]);
  };
}

export function barrierLines(lines, shown) {
  return (context, frame) => {
    const found = shown() && lines();
    if (!found) return;
    stroke(context, frame, found.passable, "#8d949e", 3);
    stroke(context, frame, found.passable, "#ffffff", 1.6);
    stroke(context, frame, found.impassable, "#20527f", 4);
    stroke(context, frame, found.impassable, "#9cc3e4", 2, [8, 6]);
  };
}

export function beforeLines(lines, shown) {
  return (context, frame) => {
    const found = shown() && lines();
    if (found) stroke(context, frame, found.before, "#1d1d1b", 1.6, [2, 4]);
  };
}

export function flagged(ground, shown) {
  return (context, frame) => {
    if (!shown()) return;
    const codes = new Set(ground().violations.map((one) => one.grid_code));
    for (const grid of seenFrom(ground(), frame.zoom).grids) {
      if (!codes.has(grid.grid_code) || !meets(grid.box, frame.view)) continue;
      stroke(context, frame, grid.path, "#ffd84d", 4.6);
      stroke(context, frame, grid.path, "#111111", 2.6, [7, 6]);
    }
  };
}

export function chosenOne(grid) {
  return (context, frame) => {
    const found = grid();
    if (!found) return;
    stroke(context, frame, found.path, "#ffffff", 7);
    stroke(context, frame, found.path, "#0b3a6b", 4);
  };
}

export function stroke(context, frame, path, colour, width, dash = []) {
  frame.world(context);
  context.lineJoin = frame.zoom < FAR ? "bevel" : "round";
  context.lineWidth = width / frame.scale;
  context.strokeStyle = colour;
  context.setLineDash(dash.map((each) => each / frame.scale));
  context.stroke(path);
  context.setLineDash([]);
}

// Names of communities, then names and amounts of grids where the screen has room for them.
export function names(communities, grids, amountOf, shown) {
  return (context, frame) => {
    if (!shown()) return;
    frame.screen(context);
    context.textAlign = "center";
    context.lineJoin = "round";
    const taken = frame.zoom > 15.5 ? [] : communities().map((one) => communityBox(context, frame, one)).filter(Boolean);
    for (const grid of grids()) {
      const room = 2 * grid.radius * frame.scale;
      if (room < 26 || !meets(grid.box, frame.view)) continue;
      const [x, y] = frame.toScreen(...grid.at);
      const box = [x - room / 2, y - 14, x + room / 2, y + 14];
      if (!taken.some((one) => meets(one.box, box))) label(context, x, y, room, grid, amountOf(grid));
    }
    context.font = `700 14px ${FONT}`;
    for (const one of taken) halo(context, one.text, one.x, one.y, "#10325c", 4);
  };
}

function communityBox(context, frame, one) {
  const room = 2 * one.radius * frame.scale;
  if (room < 30 || !holds(frame.view, ...one.at)) return null;
  context.font = `700 14px ${FONT}`;
  const text = one.name || one.community_code;
  const [x, y] = frame.toScreen(...one.at);
  const half = context.measureText(text).width / 2;
  return { text, x, y, box: [x - half, y - 13, x + half, y + 5] };
}

// The name of a grid, or its number in its community, and an amount, as far as there is room for them.
export function label(context, x, y, room, grid, amount) {
  context.font = `600 12px ${FONT}`;
  const title = [titleOf(grid), shortCode(grid)].find((text) => context.measureText(text).width < room);
  const lines = [title, amount].filter(Boolean);
  const fits = lines.length > 1 && room > 40 ? lines : lines.slice(0, 1);
  fits.forEach((text, i) => {
    context.font = `${i ? 400 : 600} 12px ${FONT}`;
    if (context.measureText(text).width < room * 1.15) halo(context, text, x, y + 4 + 15 * (i - (fits.length - 1) / 2));
  });
}

export function halo(context, text, x, y, colour = "#17212f", width = 3) {
  context.strokeStyle = "rgb(255 255 255 / 90%)";
  context.lineWidth = width;
  context.strokeText(text, x, y);
  context.fillStyle = colour;
  context.fillText(text, x, y);
}
