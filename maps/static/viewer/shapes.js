// Shapes of the service as paths of a canvas. World coordinates are web-mercator pixels of one zoom, counted from the
// middle of the map, so that the single precision of canvas paths keeps centimetres.

const MICRO = 1e6;
export const ZOOM = 16;
const WORLD = 256 * 2 ** ZOOM;

const mercatorX = (lon) => (lon / 360 + 0.5) * WORLD;
const mercatorY = (lat) => {
  const sine = Math.sin((lat * Math.PI) / 180);
  return (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * WORLD;
};

export class Ground {
  constructor([[south, west], [north, east]]) {
    this.middle = [(south + north) / 2, (west + east) / 2];
    this.x0 = mercatorX(this.middle[1]);
    this.y0 = mercatorY(this.middle[0]);
    // Metres of one world pixel here.
    this.metre = (2 * Math.PI * 6378137 * Math.cos((this.middle[0] * Math.PI) / 180)) / WORLD;
  }

  point(lon, lat) {
    return [mercatorX(lon) - this.x0, mercatorY(lat) - this.y0];
  }

  // A ring is a first point and steps, in millionths of a degree; returns flat world coordinates.
  ring(numbers) {
    const out = new Float64Array(numbers.length);
    let lon = 0;
    let lat = 0;
    for (let i = 0; i < numbers.length; i += 2) {
      lon += numbers[i];
      lat += numbers[i + 1];
      out[i] = mercatorX(lon / MICRO) - this.x0;
      out[i + 1] = mercatorY(lat / MICRO) - this.y0;
    }
    return out;
  }

  rings(shape) {
    return shape.flatMap((part) => part.map((ring) => this.ring(ring)));
  }
}

// A ring without the points that lie within a tolerance of the line between others (Douglas and Peucker).
export function simpler(ring, tolerance) {
  const n = ring.length / 2;
  if (n < 5) return ring;
  const keep = new Uint8Array(n);
  const half = farthest(ring, 0);
  keep[0] = keep[half] = 1;
  const spans = [[0, half], [half, n]];
  while (spans.length) {
    const [first, last] = spans.pop();
    let [worst, place] = [tolerance * tolerance, -1];
    for (let i = first + 1; i < last; i += 1) {
      const far = offset(ring, i, first, last % n);
      if (far > worst) [worst, place] = [far, i];
    }
    if (place < 0) continue;
    keep[place] = 1;
    spans.push([first, place], [place, last]);
  }
  const out = [];
  for (let i = 0; i < n; i += 1) if (keep[i]) out.push(ring[2 * i], ring[2 * i + 1]);
  return out;
}

function farthest(ring, from) {
  let [most, place] = [-1, 0];
  for (let i = 0; i < ring.length; i += 2) {
    const far = (ring[i] - ring[2 * from]) ** 2 + (ring[i + 1] - ring[2 * from + 1]) ** 2;
    if (far > most) [most, place] = [far, i / 2];
  }
  return place;
}

// Square of the distance of a point from the line between two others.
function offset(ring, i, a, b) {
  const [ax, ay] = [ring[2 * a], ring[2 * a + 1]];
  const [dx, dy] = [ring[2 * b] - ax, ring[2 * b + 1] - ay];
  const [px, py] = [ring[2 * i] - ax, ring[2 * i + 1] - ay];
  const length = dx * dx + dy * dy;
  const along = length ? Math.max(0, Math.min(1, (px * dx + py * dy) / length)) : 0;
  return (px - along * dx) ** 2 + (py - along * dy) ** 2;
}

export function pathOf(rings, closed = true) {
  const path = new Path2D();
  for (const ring of rings) {
    path.moveTo(ring[0], ring[1]);
    for (let i = 2; i < ring.length; i += 2) path.lineTo(ring[i], ring[i + 1]);
    if (closed) path.closePath();
  }
  return path;
}

export function boxOf(rings) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i += 2) {
      box[0] = Math.min(box[0], ring[i]);
      box[1] = Math.min(box[1], ring[i + 1]);
      box[2] = Math.max(box[2], ring[i]);
      box[3] = Math.max(box[3], ring[i + 1]);
    }
  }
  return box;
}

export const meets = (a, b) => a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1];
export const holds = (box, x, y) => x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3];

// Even-odd rule over all rings of a shape.
export function inside(rings, x, y) {
  let odd = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      const cuts = ring[i + 1] > y !== ring[j + 1] > y;
      if (cuts && x < ((ring[j] - ring[i]) * (y - ring[i + 1])) / (ring[j + 1] - ring[i + 1]) + ring[i]) odd = !odd;
    }
  }
  return odd;
}
