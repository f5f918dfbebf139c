// What every part of the page uses: elements made from text alone, words in two languages, geometry, state.
"use strict";
(function (app) {
  const MICRO = 1e6;

  // An element whose text is text. Nothing in this page is ever made from markup, so no name can run.
  app.el = function (tag, props, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(props || {})) {
      if (key === "text") node.textContent = value;
      else if (key === "class") node.className = value;
      else if (key === "on") for (const [event, run] of Object.entries(value)) node.addEventListener(event, run);
      else if (key === "colour") node.style.backgroundColor = value;
      else if (value === true) node.setAttribute(key, "");
      else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  };

  app.read = function () {
    app.data = JSON.parse(document.getElementById("plan-data").textContent);
    app.state = { lang: app.data.lang, colour: Object.keys(app.data.scales)[0], selected: null };
    app.gridByCode = new Map(app.data.grids.map((grid) => [grid.grid_code, grid]));
    app.communityNames = new Map(app.data.communities.map((one) => [one.community_code, one.name]));
    app.violationsByGrid = new Map();
    for (const violation of app.data.violations) {
      const list = app.violationsByGrid.get(violation.grid_code) || [];
      app.violationsByGrid.set(violation.grid_code, [...list, violation]);
    }
  };

  // The word of the contract in the page's language; a word that has no translation stands as it is.
  app.word = function (group, key) {
    const words = app.data.words[group];
    return Object.hasOwn(words, key) ? words[key][app.state.lang === "zh" ? 0 : 1] : String(key ?? "");
  };
  app.ui = (key) => app.word("ui", key);

  app.number = function (value, digits = 0) {
    if (value === null || value === undefined) return "–";
    if (typeof value !== "number") return String(value);
    const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    return new Intl.NumberFormat(app.state.lang === "zh" ? "zh-CN" : "en", options).format(value);
  };
  app.percent = (share) => `${app.number(100 * share, share === 1 ? 0 : 1)} %`;
  app.hours = (minutes) => (minutes === null ? "–" : app.number(minutes / 60, 1));
  app.area = (m2) => (m2 === null ? "–" : `${app.number(m2 / 1e4, 2)} ${app.ui("hectare")}`);

  app.communityName = function (grid) {
    const name = app.communityNames.get(grid.community_code);
    return name ? `${name} (${grid.community_code})` : grid.community_code;
  };

  // What is left of a grid's code beside its community's: enough where the community is plain to see.
  app.shortCode = function (grid) {
    const parent = grid.community_code || "";
    const whole = grid.grid_code || "";
    return whole.startsWith(parent) && whole.length > parent.length ? whole.slice(parent.length) : whole;
  };

  // Rings are a first point and steps, in millionths of a degree (maps/geometry.py).
  function points(ring) {
    const out = [];
    let lon = 0;
    let lat = 0;
    for (let i = 0; i < ring.length; i += 2) {
      lon += ring[i];
      lat += ring[i + 1];
      out.push([lat / MICRO, lon / MICRO]);
    }
    return out;
  }
  app.polygons = (shape) => shape.map((rings) => rings.map(points));
  app.lines = (shape) => shape.flatMap((rings) => rings.map(points));
  app.outlines = (shape) => app.lines(shape).map((line) => [...line, line[0]]);
})((window.gridplanMap = window.gridplanMap || {}));
