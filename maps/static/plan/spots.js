// Incidents over the grids, as clusters or heat, of the period that two handles set. One pass over columns a drawing.
"use strict";
(function (app) {
  const { el } = app;
  const DAY_MIN = 1440;
  const CELL_PX = { clusters: 56, heat: 14 };
  let columns = null;

  app.startSpots = function (map) {
    const found = app.data.incidents;
    if (!found) return;
    columns = unpacked(found);
    app.spots = { mode: "clusters", from: found.firstDay, to: found.lastDay };
    const pane = map.createPane("spots");
    Object.assign(pane.style, { zIndex: 495, pointerEvents: "none" });
    const canvas = el("canvas", { id: "spots", "aria-hidden": "true" });
    pane.append(canvas);
    app.drawSpots = () => draw(map, canvas);
    map.on("moveend zoomend resize viewreset", app.drawSpots);
    app.drawSpots();
  };

  function unpacked({ n, minute, lon, lat }) {
    const days = new Int32Array(n);
    let sum = 0;
    for (let i = 0; i < n; i += 1) {
      sum += minute[i];
      days[i] = Math.floor(sum / DAY_MIN);
    }
    return { n, days, lon, lat };
  }

  function gathered(map, size) {
    const { from, to, mode } = app.spots;
    const cells = new Map();
    for (let i = 0; i < columns.n; i += 1) {
      if (columns.days[i] < from || columns.days[i] > to) continue;
      const at = map.latLngToContainerPoint([columns.lat[i] / 1e5, columns.lon[i] / 1e5]);
      if (at.x < -40 || at.y < -40 || at.x > size.x + 40 || at.y > size.y + 40) continue;
      const name = Math.floor(at.x / CELL_PX[mode]) * 1e5 + Math.floor(at.y / CELL_PX[mode]);
      const cell = cells.get(name) || { n: 0, x: 0, y: 0 };
      cells.set(name, { n: cell.n + 1, x: cell.x + at.x, y: cell.y + at.y });
    }
    return [...cells.values()].map((cell) => ({ n: cell.n, x: cell.x / cell.n, y: cell.y / cell.n }));
  }

  function draw(map, canvas) {
    const size = map.getSize();
    const ratio = Math.max(devicePixelRatio || 1, document.body.classList.contains("printing") ? 3 : 1);
    Object.assign(canvas, { width: size.x * ratio, height: size.y * ratio });
    Object.assign(canvas.style, { width: `${size.x}px`, height: `${size.y}px` });
    L.DomUtil.setPosition(canvas, map.containerPointToLayerPoint([0, 0]));
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    const spots = gathered(map, size);
    (app.spots.mode === "heat" ? heat : clusters)(context, spots);
  }

  function clusters(context, spots) {
    context.textAlign = "center";
    context.font = "600 12px system-ui, sans-serif";
    const most = spots.reduce((a, spot) => Math.max(a, spot.n), 2);
    for (const { n, x, y } of spots.sort((a, b) => a.n - b.n)) {
      context.beginPath();
      context.arc(x, y, n === 1 ? 5 : 8 + 14 * Math.sqrt(n / most), 0, 2 * Math.PI);
      context.fillStyle = "rgb(194 65 12 / 84%)";
      context.fill();
      context.lineWidth = 2;
      context.strokeStyle = "#ffffff";
      context.stroke();
      context.fillStyle = "#ffffff";
      if (n > 1) context.fillText(String(n), x, y + 4);
    }
  }

  function heat(context, spots) {
    const most = spots.reduce((a, spot) => Math.max(a, spot.n), 1);
    for (const { n, x, y } of spots) {
      const strength = Math.sqrt(n / most);
      const glow = context.createRadialGradient(x, y, 0, x, y, 24);
      glow.addColorStop(0, `rgb(140 20 20 / ${Math.round(64 * strength + 8)}%)`);
      glow.addColorStop(0.5, `rgb(214 96 30 / ${Math.round(30 * strength + 4)}%)`);
      glow.addColorStop(1, "rgb(240 180 60 / 0%)");
      context.fillStyle = glow;
      context.fillRect(x - 24, y - 24, 48, 48);
    }
  }

  app.renderSpots = function () {
    if (!app.data.incidents) return null;
    const choice = (mode) =>
      el("button", { type: "button", text: app.ui(`spots_${mode}`), "aria-pressed": String(app.spots.mode === mode), on: { click: (event) => choose(mode, event.target) } });
    const told = el("p", { id: "spots-told", class: "quiet", text: toldText() });
    return el(
      "section",
      { class: "part part-spots" },
      el("h2", { text: app.ui("incidents") }),
      el("div", { class: "switch", role: "group" }, choice("clusters"), choice("heat")),
      slider("from", told),
      slider("to", told),
      told,
    );
  };

  function choose(mode, pressed) {
    app.spots.mode = mode;
    for (const one of pressed.parentNode.children) one.setAttribute("aria-pressed", String(one === pressed));
    app.drawSpots();
  }

  function slider(name, told) {
    const { firstDay, lastDay } = app.data.incidents;
    const move = (event) => {
      const value = Number(event.target.value);
      app.spots[name] = name === "from" ? Math.min(value, app.spots.to) : Math.max(value, app.spots.from);
      told.textContent = toldText();
      app.drawSpots();
    };
    const input = el("input", { type: "range", name, min: firstDay, max: lastDay, value: app.spots[name], "aria-label": app.ui(name), on: { input: move } });
    return el("label", { class: "slide" }, el("span", { text: app.ui(name) }), input);
  }

  const dayOf = (days) => new Date(days * 864e5).toISOString().slice(0, 10);

  function toldText() {
    const { from, to } = app.spots;
    let n = 0;
    for (const day of columns.days) if (day >= from && day <= to) n += 1;
    return `${dayOf(from)} – ${dayOf(to)}: ${app.number(n)}`;
  }
})(window.gridplanMap);
