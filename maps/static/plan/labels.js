// Labels: each grid's code, name and households as far as they fit into it, communities above them.
"use strict";
(function (app) {
  const EQUATOR_M = 40075016.686;
  const LINE_PX = 15;

  app.startLabels = function (map) {
    const pane = map.createPane("labels");
    pane.style.zIndex = 490;
    pane.style.pointerEvents = "none";
    app.labels = L.layerGroup().addTo(map);
    map.on("moveend", app.drawLabels);
  };

  app.drawLabels = function () {
    app.labels.clearLayers();
    if (!app.shown.labels) return;
    const view = app.map.getBounds().pad(0.1);
    const taken = [];
    const candidates = [...app.data.communities.map(communityLabel), ...app.data.grids.map(gridLabel)];
    for (const label of candidates) {
      if (!label || !view.contains(label.at)) continue;
      const box = boxOf(label);
      if (taken.some((other) => overlap(box, other))) continue;
      taken.push(box);
      app.labels.addLayer(marker(label));
    }
  };

  function radiusPx([, lat, radius]) {
    const metresPerPixel = (EQUATOR_M * Math.cos((lat * Math.PI) / 180)) / 2 ** (app.map.getZoom() + 8);
    return radius / metresPerPixel;
  }

  const at = (place) => L.latLng(place[1], place[0]);

  function communityLabel(community) {
    const radius = radiusPx(community.place);
    if (radius < 26 || radius > 420 || !community.name) return null;
    return {
      at: at(community.place),
      lines: [community.name],
      kind: "community-label",
      size: radius > 110 ? 17 : 14,
    };
  }

  // More lines the larger the grid is on the screen.
  function gridLabel(grid) {
    const radius = radiusPx(grid.place);
    if (radius < 12) return null;
    const households = app.state.lang === "zh" ? `${grid.households}户` : `${grid.households} hh`;
    const lines = [radius > 62 ? grid.grid_code : app.shortCode(grid)];
    if (radius > 46 && grid.name) lines.unshift(grid.name);
    if (radius > 24) lines.push(households);
    return { at: at(grid.place), lines, kind: "grid-label", size: 12 };
  }

  function boxOf({ at: place, lines, size }) {
    const { x, y } = app.map.latLngToContainerPoint(place);
    const width = Math.max(...lines.map(textUnits)) * size;
    return [x - width / 2, y - (lines.length * LINE_PX) / 2, x + width / 2, y + (lines.length * LINE_PX) / 2];
  }

  // Chinese characters are as wide as the type is high, others about 0.6 of that.
  const textUnits = (text) => [...text].reduce((sum, character) => sum + (character > "⺀" ? 1 : 0.6), 0);
  const overlap = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

  function marker({ at: place, lines, kind }) {
    const html = app.el("div", { class: kind }, ...lines.map((text) => app.el("div", { text })));
    const icon = L.divIcon({ html, className: "label", iconSize: [0, 0] });
    return L.marker(place, { icon, pane: "labels", interactive: false, keyboard: false });
  }
})(window.gridplanMap);
