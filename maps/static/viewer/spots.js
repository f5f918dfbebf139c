// Incidents on the map, brought together by zoom: circles with numbers, or heat. One pass over columns a drawing.

import { chosen } from "./counting.js";
import { state } from "./state.js";

const CELL_PX = 64; // of a cluster
const SPOT = "#c2410c";
let kept = { key: "", spots: [] };

export function paintSpots() {
  return (context, frame) => {
    if (!state.incidents || state.spots === "off" || state.draft) return;
    if (state.spots === "heat") heat(context, frame);
    else clusters(context, frame);
  };
}

// Incidents within squares of the world, so that a square keeps what it holds while the map is moved.
function gathered(zoom, scale, cellPx) {
  const { incidents, from, to } = state;
  const mask = chosen();
  const key = [incidents.digest, Math.round(zoom * 4), from, to, state.category, state.status, cellPx].join("|");
  if (kept.key === key) return kept.spots;
  const size = cellPx / scale;
  const [first, last] = [from * 1440, (to + 1) * 1440];
  const cells = new Map();
  for (let i = 0; i < incidents.n; i += 1) {
    if (!mask[i] || incidents.minute[i] < first || incidents.minute[i] >= last || Number.isNaN(incidents.x[i])) continue;
    const name = Math.floor(incidents.x[i] / size) * 1e6 + Math.floor(incidents.y[i] / size);
    const cell = cells.get(name);
    if (cell) {
      cell.n += 1;
      cell.x += incidents.x[i];
      cell.y += incidents.y[i];
    } else cells.set(name, { n: 1, x: incidents.x[i], y: incidents.y[i] });
  }
  const most = Math.max(2, ...[...cells.values()].map((cell) => cell.n));
  kept = { key, spots: [...cells.values()].map(({ n, x, y }) => ({ n, x: x / n, y: y / n, r: radius(n, most) })) };
  return kept.spots;
}

const radius = (n, most) => (n === 1 ? 5 : 8 + 14 * Math.sqrt(n / most));
const seen = ({ x, y }, [x0, y0, x1, y1], margin) => x > x0 - margin && x < x1 + margin && y > y0 - margin && y < y1 + margin;

function clusters(context, frame) {
  frame.screen(context);
  context.textAlign = "center";
  context.font = "600 12px system-ui, sans-serif";
  const spots = gathered(frame.zoom, frame.scale, CELL_PX).filter((spot) => seen(spot, frame.view, 40 / frame.scale));
  for (const spot of spots.sort((a, b) => a.n - b.n)) {
    const [x, y] = frame.toScreen(spot.x, spot.y);
    context.beginPath();
    context.arc(x, y, spot.r, 0, 2 * Math.PI);
    context.fillStyle = spot.n === 1 ? SPOT : "rgb(194 65 12 / 82%)";
    context.fill();
    context.lineWidth = 2;
    context.strokeStyle = "#ffffff";
    context.stroke();
    if (spot.n > 1) {
      context.fillStyle = "#ffffff";
      context.fillText(spot.n > 9999 ? `${Math.round(spot.n / 1000)}k` : String(spot.n), x, y + 4);
    }
  }
}

const HEAT_PX = 8; // side of a square of the density
const SPREAD = 2; // squares that a matter warms on each side, twice

// Density on a coarse screen of squares, spread, coloured, and drawn large and soft.
function heat(context, frame) {
  const [wide, high] = [1, 0].map((i) => Math.ceil(((frame.view[3 - i] - frame.view[1 - i]) * frame.scale) / HEAT_PX) + 2 * MARGIN);
  const density = spread(spread(counted(frame, wide, high), wide, high), wide, high);
  const most = density.reduce((a, b) => Math.max(a, b), 0);
  if (!most) return;
  const small = new OffscreenCanvas(wide, high);
  small.getContext("2d").putImageData(coloured(density, most, wide, high), 0, 0);
  frame.screen(context);
  context.imageSmoothingQuality = "high";
  context.drawImage(small, -MARGIN * HEAT_PX, -MARGIN * HEAT_PX, wide * HEAT_PX, high * HEAT_PX);
}

const MARGIN = 2 * SPREAD; // squares beyond the rim, which warm those inside

function counted({ view, scale }, wide, high) {
  const { incidents, from, to } = state;
  const mask = chosen();
  const cells = new Float32Array(wide * high);
  const [first, last] = [from * 1440, (to + 1) * 1440];
  const each = scale / HEAT_PX;
  for (let i = 0; i < incidents.n; i += 1) {
    if (!mask[i] || incidents.minute[i] < first || incidents.minute[i] >= last) continue;
    const column = Math.floor((incidents.x[i] - view[0]) * each) + MARGIN;
    const row = Math.floor((incidents.y[i] - view[1]) * each) + MARGIN;
    if (column >= 0 && row >= 0 && column < wide && row < high) cells[row * wide + column] += 1;
  }
  return cells;
}

// The mean of each square and those around it, along rows and then along columns.
function spread(cells, wide, high) {
  const pass = (from, step, n, lines, across) => {
    const out = new Float32Array(from.length);
    for (let line = 0; line < lines; line += 1) {
      let sum = 0;
      const at = (i) => (i >= 0 && i < n ? from[line * across + i * step] : 0);
      for (let i = -SPREAD; i < SPREAD; i += 1) sum += at(i);
      for (let i = 0; i < n; i += 1) {
        sum += at(i + SPREAD) - at(i - SPREAD - 1);
        out[line * across + i * step] = sum / (2 * SPREAD + 1);
      }
    }
    return out;
  };
  return pass(pass(cells, 1, wide, high, wide), wide, high, wide, 1);
}

// From clear over amber to dark red: lightness falls all the way, so that the order is seen without hue.
function coloured(density, most, wide, high) {
  const image = new ImageData(wide, high);
  for (let i = 0; i < density.length; i += 1) {
    const strength = Math.sqrt(density[i] / most);
    image.data[4 * i] = 245 - 125 * strength;
    image.data[4 * i + 1] = 165 * (1 - strength) ** 1.2;
    image.data[4 * i + 2] = 40 * (1 - strength);
    image.data[4 * i + 3] = Math.min(215, 330 * strength);
  }
  return image;
}

// The cluster at a click on the map.
export function spotAt(view, event) {
  const frame = view.sheet.frame();
  const near = (spot) => {
    const [x, y] = frame.toScreen(spot.x, spot.y);
    return Math.hypot(x - event.containerPoint.x, y - event.containerPoint.y) <= spot.r + 3;
  };
  return gathered(frame.zoom, frame.scale, CELL_PX).find(near) || null;
}
