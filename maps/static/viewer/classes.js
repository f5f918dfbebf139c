// Classes of a measure: ranges and their colours. The colours keep their order for all common kinds of colour blindness.

const IN_BAND = ["#e3f1ec", "#b5d9ce", "#7dbbab", "#45917f"];
const BELOW = "#f3c74f";
const ABOVE = "#d5532a";
const PURPLES = ["#f1eef8", "#d5d0e8", "#b3aad7", "#8a7dc0", "#5f519c"];
const BLUES = ["#edf3fa", "#c7dbee", "#93b9dc", "#5a8fc4", "#2b5f9c"];
const GOOD = ["#b35806", "#f1a340", "#fee0b6", "#c9c3e0", "#7b6cb0"]; // low is bad: orange to purple
const CHANGE = ["#2166ac", "#92c5de", "#f2f2ee", "#f4b183", "#b2402b"]; // less, the same, more
export const NONE = "#e7e9ea";

// What became of a grid; after Okabe and Ito.
export const CHANGES = { unchanged: "#eceee9", changed: "#56b4e9", split: "#e69f00", merged: "#0072b2", new: "#d55e00", retired: "#d55e00" };

const RAMPS = { work: PURPLES, incidents: BLUES, good: GOOD, households: PURPLES };

/* Returns {steps: [{colour, low, high, key}], of: value -> index of step or -1}. Ranges hold their low end, and not
   their high end but for the last. */
export function classesOf(values, { method, ramp, band, whole }) {
  const known = values.filter((value) => value !== null && Number.isFinite(value)).sort((a, b) => a - b);
  if (method === "band" && band) return bandClasses(band);
  if (ramp === "change") return changeClasses(known);
  const colours = RAMPS[ramp] || BLUES;
  const cuts = method === "equal" ? equalCuts(known, colours.length) : quantileCuts(known, colours.length);
  return stepsOf(whole ? unique(cuts.map(Math.ceil)) : unique(cuts), known, colours);
}

function bandClasses({ minimum, maximum }) {
  const width = (maximum + 1 - minimum) / IN_BAND.length;
  const edges = IN_BAND.map((colour, i) => Math.floor(minimum + width * i));
  const steps = [{ colour: BELOW, low: null, high: minimum - 1, key: "below" }];
  edges.forEach((low, i) => steps.push({ colour: IN_BAND[i], low, high: (edges[i + 1] ?? maximum + 1) - 1, key: "band" }));
  steps.push({ colour: ABOVE, low: maximum + 1, high: null, key: "above" });
  return { steps, of: (value) => (value === null ? -1 : steps.findIndex((step) => step.high === null || value <= step.high)) };
}

// Around nothing: a third of the largest change is where the strong colours begin.
function changeClasses(known) {
  const most = Math.max(1, ...known.map(Math.abs));
  const far = Math.max(2, Math.ceil(most / 3));
  const bounds = [null, -far, 0, 1, far + 1, null];
  const steps = CHANGE.map((colour, i) => ({ colour, low: bounds[i], high: bounds[i + 1] === null ? null : bounds[i + 1] - 1, key: "" }));
  steps[1].high = -1;
  const place = (v) => (v < -far ? 0 : v < 0 ? 1 : v === 0 ? 2 : v <= far ? 3 : 4);
  steps[0].high = -far - 1;
  return { steps, of: (value) => (value === null ? -1 : place(value)) };
}

function stepsOf(cuts, known, colours) {
  if (!known.length) return { steps: [], of: () => -1 };
  const n = Math.max(1, cuts.length - 1);
  const picked = n === 1 ? [colours[Math.floor(colours.length / 2)]] : pick(colours, n);
  const steps = picked.map((colour, i) => ({ colour, low: cuts[i], high: cuts[i + 1] ?? cuts[i], key: "", last: i === n - 1 }));
  const of = (value) => {
    if (value === null || !Number.isFinite(value)) return -1;
    for (let i = n - 1; i > 0; i -= 1) if (value >= cuts[i]) return i;
    return 0;
  };
  return { steps, of };
}

const pick = (colours, n) => Array.from({ length: n }, (_, i) => colours[Math.round((i * (colours.length - 1)) / (n - 1))]);
const unique = (cuts) => cuts.filter((cut, i) => i === 0 || cut > cuts[i - 1]);
const equalCuts = (known, n) =>
  known.length ? Array.from({ length: n + 1 }, (_, i) => known[0] + ((known.at(-1) - known[0]) * i) / n) : [];

function quantileCuts(known, n) {
  if (!known.length) return [];
  const at = (share) => known[Math.min(known.length - 1, Math.floor(share * known.length))];
  return [...Array.from({ length: n }, (_, i) => at(i / n)), known.at(-1)];
}
