// The panel beside the map: search, notices, figures, colouring, layers; and the legend on the map.
"use strict";
(function (app) {
  const { el } = app;
  const MOST_HITS = 8;

  const section = (key, ...children) =>
    el("section", { class: `part part-${key}` }, el("h2", { text: app.ui(key) }), ...children);

  app.renderSearch = function () {
    const hits = el("ul", { class: "hits", "aria-live": "polite" });
    const find = () => hits.replaceChildren(...findGrids(input.value).map(hitItem));
    const first = (event) => event.key === "Enter" && hits.querySelector("button")?.click();
    const input = el("input", {
      type: "search",
      placeholder: app.ui("search"),
      "aria-label": app.ui("search"),
      on: { input: find, keydown: first },
    });
    return el("section", { class: "part part-search" }, input, hits);
  };

  function findGrids(text) {
    const wanted = text.trim().toLowerCase();
    if (!wanted) return [];
    const matches = (grid) => `${grid.grid_code}\n${grid.name || ""}`.toLowerCase().includes(wanted);
    const hits = app.data.grids.filter(matches).slice(0, MOST_HITS);
    return hits.length ? hits : [null];
  }

  function hitItem(grid) {
    if (!grid) return el("li", { class: "quiet", text: app.ui("nothing_found") });
    const words = [
      el("span", { text: grid.name || app.shortCode(grid) }),
      el("span", { class: "code", text: grid.grid_code }),
    ];
    return el("li", {}, el("button", { type: "button", on: { click: () => app.select(grid) } }, ...words));
  }

  app.renderNotices = function () {
    const notices = app.data.notices.map((notice) => el("li", { text: notice[app.state.lang] }));
    return notices.length
      ? el("section", { class: "part notices" }, el("h2", { text: app.ui("notices") }), el("ul", {}, ...notices))
      : null;
  };

  app.renderSummary = function () {
    const { summary } = app.data;
    const share = summary.bound ? summary.inBand / summary.bound : null;
    const big = [
      ["n_grids", app.number(summary.grids), null],
      ["in_band", share === null ? "–" : app.percent(share), "in_band_title"],
      ["households", app.number(summary.households), null],
      ["cv", app.number(summary.cv, 3), "cv_title"],
    ];
    return section(
      "summary",
      el("div", { class: "tiles" }, ...big.map(tile)),
      el(
        "dl",
        { class: "facts" },
        ...facts(summary).flatMap(([key, value]) => [el("dt", { text: app.ui(key) }), el("dd", { text: value })]),
      ),
    );
  };

  const tile = ([key, value, title]) =>
    el(
      "div",
      { class: "tile", title: title && app.ui(title) },
      el("b", { text: value }),
      el("span", { text: app.ui(key) }),
    );

  function facts(summary) {
    const { minimum, target, maximum } = summary.band;
    const rows = [
      ["n_communities", app.number(summary.communities)],
      ["band", `${minimum}–${maximum} (${app.ui("band_target")} ${target})`],
      [
        "households_are",
        summary.householdsAre === null ? app.ui("unstated") : app.word("households_are", summary.householdsAre),
      ],
    ];
    if (summary.seconds !== null) rows.push(["seconds", `${app.number(summary.seconds, 1)} ${app.ui("second")}`]);
    if (summary.seed !== null) rows.push(["seed", String(summary.seed)]);
    if (summary.version !== null) rows.push(["version", String(summary.version)]);
    return rows;
  }

  app.renderColours = function () {
    const choice = (name) =>
      el("button", {
        type: "button",
        text: app.ui(name),
        "aria-pressed": String(app.state.colour === name),
        on: { click: () => app.colourBy(name) },
      });
    return section(
      "colour_by",
      el("div", { class: "switch", role: "group" }, ...Object.keys(app.data.scales).map(choice)),
    );
  };

  app.renderLayers = function () {
    const names = ["grids", "labels", "moved", "before", "cells", "barriers", "communities", "violations"];
    const absent = {
      moved: !app.layers.moved,
      before: !app.layers.before,
      cells: !app.data.cells.length,
      barriers: !app.data.barriers.length,
      communities: !app.data.communityBorders.length,
      violations: !app.data.violations.length,
    };
    const rows = names.filter((name) => !absent[name]).map(layerSwitch);
    const { cellsLeftOut } = app.data;
    const left = cellsLeftOut
      ? el("p", { class: "quiet", text: app.ui("cells_left_out").replace("{n}", app.number(cellsLeftOut)) })
      : null;
    return section("layers", el("div", { class: "layers" }, ...rows), left);
  };

  function layerSwitch(name) {
    const box = el("input", {
      type: "checkbox",
      name: `layer-${name}`,
      checked: app.shown[name],
      on: { change: (event) => app.showLayer(name, event.target.checked) },
    });
    return el("label", { class: "layer" }, box, el("span", { text: app.ui(`layer_${name}`) }));
  }

  app.renderLegend = function () {
    const { steps } = app.data.scales[app.state.colour];
    const title = app.ui(app.state.colour === "work" ? "work_hours" : app.state.colour);
    const always = new Set(["below", "band", "above", "work"]);
    const rows = steps.filter((step) => step.count || always.has(step.key)).map(stepRow);
    return el(
      "div",
      {},
      el(
        "h2",
        {},
        el("span", { text: `${app.ui("legend")} · ${title}` }),
        el("span", { class: "quiet", text: app.ui("n_grids") }),
      ),
      ...rows,
      el("hr", {}),
      ...lineRows(),
    );
  };

  function stepRow(step) {
    const words = {
      range: rangeText(step),
      name: step.key === "band" || step.key === "work" ? "" : app.word("step", step.key),
    };
    return el(
      "div",
      { class: "step" },
      el("i", { class: "swatch", colour: step.colour }),
      el("span", { text: [words.name, words.range].filter(Boolean).join(" ") }),
      el("span", { class: "count", text: app.number(step.count) }),
    );
  }

  function rangeText({ low, high, key }) {
    if (key === "empty" || (low === null && high === null)) return "";
    if (low === null) return `≤ ${high}`;
    if (high === null) return `≥ ${low}`;
    return low === high ? `${low}` : `${low}–${high}`;
  }

  function lineRows() {
    const present = new Set(app.data.barriers.map((barrier) => app.kindOfLine(barrier.kind)));
    const kinds = app.lineKinds.filter((kind) => present.has(kind));
    const rows = [["border", app.ui("grid_border")]];
    for (const name of ["before", "moved"]) if (app.layers[name]) rows.push([name, app.ui(`layer_${name}`)]);
    if (app.data.communityBorders.length) rows.push(["community", app.ui("layer_communities")]);
    if (app.data.violations.length) rows.push(["alarm", app.ui("layer_violations")]);
    rows.push(...kinds.map((kind) => [kind, app.word("barrier", kind)]));
    return rows.map(([kind, text]) =>
      el("div", { class: "step" }, el("i", { class: `stroke stroke-${kind}` }), el("span", { text })),
    );
  }
})(window.gridplanMap);
