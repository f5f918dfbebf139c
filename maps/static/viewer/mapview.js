// The map: Leaflet moves it, our sheet draws on it.

import { announce, byId, el, fill as refill } from "./dom.js";
import { addBasemap } from "./basemap.js";
import { CHANGES, classesOf, NONE } from "./classes.js";
import { gridAt, titleOf } from "./ground.js";
import { hasBand, measureOf, show, valuesOf } from "./measures.js";
import * as painting from "./painting.js";
import { Sheet } from "./sheet.js";
import { set, state, watch } from "./state.js";
import { number, t } from "./words.js";

const MOST_ZOOM = 20;
export const MAP_OPTIONS = {
  zoomControl: false, attributionControl: false, minZoom: 4, maxZoom: MOST_ZOOM, zoomSnap: 0.25, wheelPxPerZoomLevel: 90,
  preferCanvas: true, fadeAnimation: false,
}; // prettier-ignore

let kept = { key: "", colours: null };

// How grids are coloured now: classes and the colour of each, made anew when the measure or what it counts changes.
export function colouring() {
  const { ground, incidents } = state;
  const counted = measureOf(state.measure).counted ? [incidents?.digest, state.from, state.to, state.category, state.status] : [];
  const key = [state.measure, state.method, ground.number, ...counted].join("|");
  if (kept.key !== key) kept = { key, colours: coloured() };
  return kept.colours;
}

function coloured() {
  const measure = measureOf(state.measure);
  const values = valuesOf(state.measure, state.ground.grids);
  const { band } = state.ground;
  const method = state.method === "band" && !(band && hasBand(state.measure)) ? "quantile" : state.method;
  const counted = method === "band" ? values.map((value, i) => (state.ground.grids[i].bound ? value : null)) : values;
  const classes = classesOf(counted, { method, ramp: measure.ramp, band, whole: measure.whole });
  const places = counted.map(classes.of);
  const tally = classes.steps.map((_, step) => places.filter((place) => place === step).length);
  return { values, places, ...classes, tally, method };
}

export function startMap(container) {
  const map = L.map(container, MAP_OPTIONS);
  const extra = []; // painters of other parts: incidents, redrawing
  let colours = colouring();
  const grids = () => state.ground.grids;
  const changeOf = (grid) => CHANGES[state.compare.oldChanges.get(grid.grid_code)] || CHANGES.unchanged;
  const colourOf = (grid) => (state.compare ? changeOf(grid) : measured(grid));
  const measured = (grid) => (state.layers.grids && colours.places[grid.place] >= 0 ? colours.steps[colours.places[grid.place]].colour : NONE);
  const plain = () => !state.draft;
  const fill = painting.fills(() => state.ground, colourOf, () => state.incidents && state.spots === "heat");
  // Two sheets, since the ground takes longer to draw than what changes upon it.
  const base = new Sheet(state.ground.ground, [
    (context, frame) => plain() && fill(context, frame),
    ...[painting.barrierLines, painting.beforeLines].map((paint, i) => paint(() => state.lines, () => state.layers[i ? "before" : "barriers"])),
    painting.outlines(() => state.ground, plain),
    painting.borders(() => state.ground, () => state.layers.communities),
    painting.flagged(() => state.ground, () => plain() && state.layers.violations),
    painting.names(() => state.ground.communities, grids, (grid) => show(state.measure, colours.values[grid.place]), () => plain() && !state.compare && state.layers.labels),
  ]);
  const sheet = new Sheet(state.ground.ground, [
    (context, frame) => extra.forEach((paint) => paint(context, frame)),
    painting.chosenOne(() => plain() && state.ground.byCode.get(state.selected)),
  ]);
  const sheets = [base, sheet];
  whole();
  for (const each of sheets) each.addTo(map);
  L.control.zoom({ position: "topright", zoomInTitle: t("zoom_in"), zoomOutTitle: t("zoom_out") }).addTo(map);
  L.control.scale({ imperial: false, maxWidth: 140, position: "bottomright" }).addTo(map);
  addBasemap(map, state.session.basemap);
  const tip = startTip(map, sheet, () => colours);
  const ends = [
    watch(["measure", "method", "ground", "incidents", "from", "to", "category", "status"], () => {
      const before = colours;
      colours = colouring();
      if (colours !== before) base.later();
    }),
    watch(["layers", "lines", "draft", "lang", "compare", "spots"], () => base.later()),
    watch(["selected", "spots", "draft", "compare"], () => sheet.later()),
  ];
  map.on("click", (event) => {
    if (state.draft) return;
    const grid = gridAt(grids(), sheet.worldOf(event.latlng));
    set({ selected: grid ? grid.grid_code : null });
  });
  const resized = new ResizeObserver(() => map.invalidateSize({ animate: false }));
  resized.observe(container);
  addEventListener("beforeprint", sharpen);
  addEventListener("afterprint", soften);

  function whole() {
    map.fitBounds(state.ground.bounds, { animate: false, padding: [24, 24] });
  }
  function sharpen() {
    redraw(3); // a sheet of paper has finer dots than a screen
  }
  function soften() {
    redraw(1);
  }
  function redraw(sharp) {
    for (const each of sheets) each.sharp = sharp;
    map.invalidateSize({ animate: false });
    for (const each of sheets) each.draw();
  }

  return {
    map,
    sheet,
    colouring: () => colours,
    whole,
    paint: (painter) => extra.push(painter),
    relabel() {
      container.setAttribute("role", "application");
      container.setAttribute("aria-label", t("map_label"));
    },
    // Show a grid: fly there, and open its card.
    show(grid) {
      const [west, south, east, north] = lonlatBox(grid);
      map.flyToBounds(L.latLngBounds([south, west], [north, east]).pad(0.9), { maxZoom: 17.5, duration: calm() ? 0 : 0.6, animate: !calm() });
      set({ selected: grid.grid_code });
      announce(`${titleOf(grid)}, ${grid.grid_code}, ${t("households_n", { n: number(grid.households) })}`);
    },
    remove() {
      removeEventListener("beforeprint", sharpen);
      removeEventListener("afterprint", soften);
      resized.disconnect();
      for (const end of ends) end();
      tip();
      map.remove();
    },
  };
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

function lonlatBox(grid) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const part of grid.shape) {
    for (const ring of part) {
      let [lon, lat] = [0, 0];
      for (let i = 0; i < ring.length; i += 2) {
        lon += ring[i];
        lat += ring[i + 1];
        box[0] = Math.min(box[0], lon / 1e6);
        box[1] = Math.min(box[1], lat / 1e6);
        box[2] = Math.max(box[2], lon / 1e6);
        box[3] = Math.max(box[3], lat / 1e6);
      }
    }
  }
  return box;
}

// A line about the grid under the pointer.
function startTip(map, sheet, colours) {
  const tip = el("div", { class: "tip", hidden: true });
  byId("stage").append(tip);
  const hide = () => {
    tip.hidden = true;
  };
  map.on("mousemove", (event) => {
    const grid = state.draft ? null : gridAt(state.ground.grids, sheet.worldOf(event.latlng));
    if (!grid) return hide();
    refill(
      tip,
      el("strong", { text: titleOf(grid) }),
      el("span", { class: "code", text: grid.grid_code }),
      el("span", { text: `${t(`measure_${state.measure}`)} ${show(state.measure, colours().values[grid.place])}` }),
    );
    tip.hidden = false;
    const { x, y } = event.containerPoint;
    const size = map.getSize();
    tip.style.left = `${Math.min(x + 16, size.x - tip.offsetWidth - 8)}px`;
    tip.style.top = `${Math.min(y + 16, size.y - tip.offsetHeight - 8)}px`;
    return undefined;
  });
  map.on("mouseout movestart", hide);
  return () => tip.remove();
}
