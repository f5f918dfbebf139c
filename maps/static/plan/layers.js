// The layers of the map, each in a pane of its own so that switching one keeps the order of the others.
"use strict";
(function (app) {
  // Panes from bottom to top. Only grids take the pointer: a canvas on top would swallow it.
  const PANES = ["grids", "cells", "barriers", "borders", "communities", "violations", "focus"];
  const BORDER = "#a3195b"; // magenta, as DB11/T 2157-2023 asks of grid boundaries
  const COMMUNITY = "#1f2a3d";
  const ALARM = "#111111";
  const WATER = "#9cc3e4";

  // kind: [width, colour, casing]; roads are white in a grey casing, so that they show on every fill
  const LINES = {
    motorway: [5, "#ffffff", "#7d8590"],
    trunk: [4.5, "#ffffff", "#8a929c"],
    primary: [4, "#ffffff", "#979ea7"],
    secondary: [3, "#ffffff", "#a3a9b1"],
    tertiary: [2.2, "#ffffff", "#b0b6bd"],
    residential: [1.4, "#ffffff", "#bcc1c7"],
    other: [1.4, "#ffffff", "#bcc1c7"],
    river: [3.5, WATER, "#6d9fca"],
    water: [3, WATER, "#6d9fca"],
    railway: [2.2, "#ffffff", "#4a4f57"],
    wall: [1.6, "#7a5a3a", null],
    bridge: [4, "#5b616b", null],
  };

  const screens = {};
  let papers = {};

  function addPane(map, name, order) {
    const pane = map.createPane(name);
    pane.style.zIndex = 400 + 10 * order;
    if (name !== "grids") pane.style.pointerEvents = "none";
    screens[name] = L.canvas({ pane: name, padding: 0.25 });
  }

  // Canvas is quick on the screen; SVG is sharp on paper, and there at once, while a canvas waits for a frame.
  // The canvases stay on the map, hidden: Leaflet 1.9 may still draw on one a frame after it was taken away.
  app.drawFor = function (medium) {
    const old = Object.values(papers);
    papers = Object.fromEntries(PANES.map((name) => [name, L.svg({ pane: name, padding: 0.25 })]));
    const renderers = medium === "paper" ? papers : screens;
    const paths = [...Object.values(app.layers), app.focus].filter(Boolean).flatMap(pathsOf);
    for (const path of paths) {
      const shown = app.map.hasLayer(path);
      if (shown) path.removeFrom(app.map);
      path.options.renderer = renderers[path.options.pane];
      if (shown) path.addTo(app.map);
    }
    for (const renderer of old) renderer.remove();
  };
  const pathsOf = (layer) => (layer.getLayers ? layer.getLayers() : [layer]);

  const drawn = (pane, options) => ({
    renderer: screens[pane],
    pane,
    interactive: pane === "grids",
    ...options,
  });
  const line = (pane, weight, color, options) => drawn(pane, { fill: false, weight, color, opacity: 1, ...options });

  app.kindOfLine = (kind) => (Object.hasOwn(LINES, kind) ? kind : "other");
  app.lineKinds = Object.keys(LINES);
  app.lineStyle = (kind) => LINES[app.kindOfLine(kind)];
  app.colours = { border: BORDER, community: COMMUNITY, alarm: ALARM, water: WATER };

  app.drawLayers = function (map) {
    app.map = map;
    PANES.forEach((name, order) => addPane(map, name, order));
    app.layers = {
      grids: gridLayer(),
      borders: borderLayer(),
      cells: cellLayer(),
      barriers: barrierLayer(),
      communities: communityLayer(),
      violations: violationLayer(),
    };
    Object.assign(app.layers, earlierLayers());
    app.shown = { moved: true, before: true, grids: true, labels: true, cells: false, barriers: true, communities: true, violations: true };
    app.layers.borders.addTo(map);
    for (const [name, layer] of Object.entries(app.layers)) if (app.shown[name]) layer.addTo(map);
    app.recolour();
  };

  app.showLayer = function (name, on) {
    app.shown[name] = on;
    if (name === "labels") app.drawLabels();
    else if (name === "grids") app.recolour();
    else if (on) app.layers[name].addTo(app.map);
    else app.layers[name].remove();
  };

  function gridLayer() {
    return L.featureGroup(
      app.data.grids.map((grid) => {
        const polygon = L.polygon(app.polygons(grid.shape), drawn("grids", { stroke: false, fillOpacity: 1 }));
        grid.polygon = polygon;
        polygon.bindTooltip(() => app.tip(grid), { sticky: true, direction: "top", opacity: 1 });
        return polygon.on("click", (event) => app.select(grid, event.latlng));
      }),
    );
  }

  // Fill every grid by the scale chosen; without fill a grid still takes the pointer.
  app.recolour = function () {
    const scale = app.data.scales[app.state.colour];
    app.data.grids.forEach((grid, i) => {
      const fillColor = app.shown.grids ? scale.steps[scale.stepOf[i]].colour : "#ffffff";
      grid.polygon.setStyle({ fillColor });
    });
  };

  function borderLayer() {
    const outlines = app.data.grids.flatMap((grid) => app.outlines(grid.shape));
    return L.layerGroup([
      L.polyline(outlines, line("borders", 3.4, "#ffffff", { opacity: 0.75 })),
      L.polyline(outlines, line("borders", 1.7, BORDER)),
    ]);
  }

  function cellLayer() {
    const outlines = app.data.cells.flatMap(app.outlines);
    return L.polyline(outlines, line("cells", 0.6, "#39424e", { opacity: 0.45 }));
  }

  function barrierLayer() {
    const parts = app.data.barriers.map((barrier) => ({ ...barrier, style: app.lineStyle(barrier.kind) }));
    parts.sort((a, b) => b.filled - a.filled || a.style[0] - b.style[0]); // water below, wide roads on top
    const areas = parts.filter((part) => part.filled).map((part) => areaOf(part));
    const roads = parts.filter((part) => !part.filled);
    const casings = roads
      .filter(({ style }) => style[2])
      .map(({ style, shape }) => {
        return L.polyline(app.lines(shape), line("barriers", style[0] + 1.6, style[2]));
      });
    const cores = roads.map(({ kind, style, shape }) => {
      return L.polyline(app.lines(shape), line("barriers", style[0], style[1], dashes(kind)));
    });
    return L.layerGroup([...areas, ...casings, ...cores]);
  }

  function areaOf({ kind, shape }) {
    const wet = kind === "river" || kind === "water";
    const options = {
      fillColor: wet ? WATER : "#d9dce0",
      fillOpacity: 1,
      weight: 1,
      color: wet ? "#6d9fca" : "#a9afb7",
    };
    return L.polygon(app.polygons(shape), drawn("barriers", options));
  }

  function dashes(kind) {
    if (kind === "railway") return { dashArray: "8 8", lineCap: "butt" };
    if (kind === "wall") return { dashArray: "1 5" };
    return {};
  }

  function communityLayer() {
    const outlines = app.lines(app.data.communityBorders);
    return L.layerGroup([
      L.polyline(outlines, line("communities", 5.5, "#ffffff", { opacity: 0.8 })),
      L.polyline(outlines, line("communities", 2.6, COMMUNITY, { dashArray: "12 5 2 5", lineCap: "butt" })),
    ]);
  }

  // What another plan was like: its borders, broken, and the units that were in a grid of another code there.
  function earlierLayers() {
    const { before, moved } = app.data;
    if (!before) return {};
    const lines = L.polyline(app.lines(before), line("borders", 1.8, "#1d1d1b", { dashArray: "2 5" }));
    const style = { fillColor: "#0b1f3a", fillOpacity: 0.28, weight: 0.8, color: "#0b1f3a" };
    return { moved: L.polygon(moved.flatMap(app.polygons), drawn("cells", style)), before: lines };
  }

  // Grids with a violation: a heavy broken outline, which needs no colour to be seen.
  function violationLayer() {
    const outlines = app.lines(app.data.violationBorders);
    return L.layerGroup([
      L.polyline(outlines, line("violations", 5, "#ffd84d")),
      L.polyline(outlines, line("violations", 3, ALARM, { dashArray: "7 6", lineCap: "butt" })),
    ]);
  }

  // Show one grid: outline, card, and the list's mark. Zooms there unless it was clicked on the map.
  app.select = function (grid, at) {
    app.map.closePopup(); // and with it the outline of the grid before
    app.state.selected = grid;
    app.focus = L.polyline(app.outlines(grid.shape), line("focus", 4.5, "#0b1f3a")).addTo(app.map);
    const bounds = grid.polygon.getBounds();
    if (!at) app.map.fitBounds(bounds.pad(1), { maxZoom: 18, animate: false });
    const place = at || L.latLng(bounds.getNorth(), grid.place[0]);
    L.popup({ maxWidth: 320, autoPanPadding: [24, 24] })
      .setLatLng(place)
      .setContent(app.card(grid))
      .openOn(app.map);
    app.markSelected();
  };

  app.unselect = function () {
    if (app.focus) app.focus.remove();
    app.state.selected = app.focus = null;
    app.markSelected();
  };
})(window.gridplanMap);
