// What the page knows, in one place, and who wants to be told when it changes.

const rest = {
  session: null,
  ground: null, // grids as they are drawn
  incidents: null, // columns of incidents
  lines: null, // barriers and grids of before
  lang: "zh",
  tab: "map",
  measure: "households",
  method: "band",
  layers: { grids: true, labels: true, communities: true, violations: true, barriers: false, before: false },
  spots: "off", // incidents on the map: off, clusters, heat
  from: null, // days since 1970
  to: null,
  category: "",
  status: "",
  workers: null, // who answers for grids, by code, once it was asked for
  selected: null,
  compare: null,
  draft: null, // what is being redrawn
  tick: 0, // grows with each change of the draft
};

export const state = { ...rest, ...remembered() };
const listeners = new Set();

// Change what is known; each listener is told which names changed.
export function set(values) {
  const changed = Object.keys(values).filter((name) => state[name] !== values[name]);
  if (!changed.length) return;
  Object.assign(state, values);
  if ("lang" in values) localStorage.setItem("gridplan-lang", values.lang);
  for (const listener of [...listeners]) listener(new Set(changed));
}

// Be told of some names; returns what ends it.
export function watch(names, run) {
  const listener = (changed) => names.some((name) => changed.has(name)) && run();
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function forget() {
  listeners.clear();
  Object.assign(state, { ...rest, lang: state.lang });
}

function remembered() {
  const lang = localStorage.getItem("gridplan-lang");
  const browser = (navigator.language || "").startsWith("zh") ? "zh" : "en";
  return { lang: lang === "zh" || lang === "en" ? lang : browser };
}
