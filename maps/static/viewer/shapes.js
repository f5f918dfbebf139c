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

  // The longitude and latitude of a place in world coordinates.
  lonlat([x, y]) {
    const lat = (2 * Math.atan(Math.exp((0.5 - (y + this.y0) / WORLD) * 2 * Math.PI)) - Math.PI / 2) * (180 / Math.PI);
    return [((x + this.x0) / WORLD - 0.5) * 360, lat];
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

// A ring, or an open line, without the points within a tolerance of the line between others (Douglas and Peucker).
export function simpler(ring, tolerance, closed = true) {
  const n = ring.length / 2;
  if (n < (closed ? 5 : 3)) return ring;
  const keep = new Uint8Array(n);
  const half = closed ? farthest(ring, 0) : n - 1;
  keep[0] = keep[half] = 1;
  const spans = closed ? [[0, half], [half, n]] : [[0, half]];
  while (spans.length) {
    const [first, last] = spans.pop();
    const place = worst(ring, first, last, last % n, tolerance);
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

// The point between two places that lies farthest from the line between points a and b; -1 where all are within reach.
function worst(ring, a, end, b, tolerance) {
  const ax = ring[2 * a];
  const ay = ring[2 * a + 1];
  const dx = ring[2 * b] - ax;
  const dy = ring[2 * b + 1] - ay;
  const length = dx * dx + dy * dy || 1; // where a is b, all lies across from it
  let most = tolerance * tolerance;
  let place = -1;
  for (let i = a + 1; i < end; i += 1) {
    const px = ring[2 * i] - ax;
    const py = ring[2 * i + 1] - ay;
    const along = Math.min(1, Math.max(0, (px * dx + py * dy) / length));
    const x = px - along * dx;
    const y = py - along * dy;
    const far = x * x + y * y;
    if (far > most) {
      most = far;
      place = i;
    }
  }
  return place;
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
