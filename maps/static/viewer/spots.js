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

// Soft discs that add up; the strength is relative to the densest square in sight.
function heat(context, frame) {
  frame.screen(context);
  const spots = gathered(frame.zoom, frame.scale, 14).filter((spot) => seen(spot, frame.view, 40 / frame.scale));
  const most = spots.reduce((a, spot) => Math.max(a, spot.n), 1);
  for (const spot of spots) {
    const [x, y] = frame.toScreen(spot.x, spot.y);
    const strength = Math.sqrt(spot.n / most);
    const glow = context.createRadialGradient(x, y, 0, x, y, 24);
    glow.addColorStop(0, `rgb(140 20 20 / ${Math.round(64 * strength + 8)}%)`);
    glow.addColorStop(0.5, `rgb(214 96 30 / ${Math.round(30 * strength + 4)}%)`);
    glow.addColorStop(1, "rgb(240 180 60 / 0%)");
    context.fillStyle = glow;
    context.fillRect(x - 24, y - 24, 48, 48);
  }
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
