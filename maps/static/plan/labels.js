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
    const labels = [...app.data.communities.map(communityLabel), ...app.data.grids.map(gridLabel)];
    const inView = labels.filter((label) => label && view.contains(label.at));
    for (const label of inView.sort((a, b) => a.order - b.order)) {
      const box = freeBox(label, taken);
      if (!box) continue;
      taken.push(box);
      app.labels.addLayer(marker(label, box.shift));
    }
  };

  // The first place that is free: the middle, else a little below or above it, as far as the ground is the label's own.
  function freeBox(label, taken) {
    const room = Math.max(0, label.radius - (label.lines.length * LINE_PX) / 2);
    const shifts = [0, LINE_PX, -LINE_PX, 2 * LINE_PX, -2 * LINE_PX].filter((shift) => Math.abs(shift) <= room);
    const boxes = shifts.map((shift) => boxOf(label, shift));
    return boxes.find((box) => !taken.some((other) => overlap(box, other)));
  }

  function radiusPx([, lat, radius]) {
    const metresPerPixel = (EQUATOR_M * Math.cos((lat * Math.PI) / 180)) / 2 ** (app.map.getZoom() + 8);
    return radius / metresPerPixel;
  }

  const at = (place) => L.latLng(place[1], place[0]);

  function communityLabel(community) {
    const radius = radiusPx(community.place);
    if (radius < 26 || !community.name) return null;
    const order = radius > 130 ? 2 : 0; // seen from afar its name matters more than a grid's, from near less
    return { at: at(community.place), lines: [community.name], kind: "community-label", size: 17, radius, order };
  }

  // More lines the larger the grid is on the screen.
  function gridLabel(grid) {
    const radius = radiusPx(grid.place);
    if (radius < 12) return null;
    const lines = [radius > 62 ? grid.grid_code : app.shortCode(grid)];
    if (radius > 46 && grid.name) lines.unshift(grid.name);
    if (radius > 24) lines.push(amount(grid));
    return { at: at(grid.place), lines, kind: "grid-label", size: 12, radius, order: 1 };
  }

  // The amount that the colours show.
  function amount(grid) {
    if (app.state.colour === "work") return `${app.hours(grid.work_min)} h`;
    return app.state.lang === "zh" ? `${grid.households}户` : `${grid.households} hh`;
  }

  function boxOf({ at: place, lines, size }, shift) {
    const { x, y } = app.map.latLngToContainerPoint(place);
    const width = Math.max(...lines.map(textUnits)) * size;
    const height = lines.length * LINE_PX;
    return {
      left: x - width / 2,
      right: x + width / 2,
      top: y + shift - height / 2,
      bottom: y + shift + height / 2,
      shift,
    };
  }

  // Chinese characters are as wide as the type is high, others about 0.6 of that.
  const textUnits = (text) => [...text].reduce((sum, character) => sum + (character > "⺀" ? 1 : 0.6), 0);
  const overlap = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

  function marker({ at: place, lines, kind }, shift) {
    const html = app.el("div", { class: kind }, ...lines.map((text) => app.el("div", { text })));
    const icon = L.divIcon({ html, className: "label", iconSize: [0, 0], iconAnchor: [0, -shift] });
    return L.marker(place, { icon, pane: "labels", interactive: false, keyboard: false });
  }
})(window.gridplanMap);
