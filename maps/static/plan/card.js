// What is told of one grid: a line on hover, a card on click.
"use strict";
(function (app) {
  const { el } = app;

  app.tip = function (grid) {
    const facts = [
      `${app.number(grid.households)} ${app.state.lang === "zh" ? "户" : "households"}`,
      `${app.hours(grid.work_min)} h`,
    ];
    return el(
      "div",
      { class: "tip" },
      el("strong", { text: grid.name || app.shortCode(grid) }),
      el("span", { class: "code", text: grid.grid_code }),
      el("span", { text: facts.join(" · ") }),
      app.violationsByGrid.has(grid.grid_code) ? el("span", { class: "tip-flag", text: flags(grid) }) : null,
    );
  };

  app.card = function (grid) {
    const rows = [
      ["community", app.communityName(grid)],
      ["kind", app.word("kind", grid.kind)],
      ["households", app.number(grid.households)],
      ["persons", app.number(grid.persons)],
      ["units", app.number(grid.units)],
      ["work_hours", app.hours(grid.work_min)],
      ["area", app.area(grid.area_m2)],
      ["compactness", app.number(grid.compactness, 2)],
    ];
    if (grid.change) rows.push(["change", app.word("step", grid.change)]);
    if (grid.was) rows.push(["was", grid.was]);
    if (grid.locked) rows.push(["locked", app.ui("yes")]);
    return el(
      "article",
      { class: "card" },
      el("h3", { text: grid.name || grid.grid_code }),
      el("p", { class: "code", text: grid.grid_code }),
      el("dl", {}, ...rows.flatMap(([key, value]) => [el("dt", { text: app.ui(key) }), el("dd", { text: value })])),
      ...(app.violationsByGrid.get(grid.grid_code) || []).map(app.violationText),
    );
  };

  // One violation in words: rule, figures, reason, proven or not.
  app.violationText = function (violation) {
    return el(
      "span",
      { class: "violation" },
      el("span", { class: "rule", text: app.word("rule", violation.rule) }),
      el("span", { class: "figures", text: figures(violation) }),
      el("span", { class: "reason", text: app.word("reason", violation.reason) }),
      el("span", {
        class: violation.proven ? "proof proven" : "proof",
        text: app.ui(violation.proven ? "proven" : "unproven"),
      }),
    );
  };

  function figures(violation) {
    const parts = [];
    if (violation.value !== null) parts.push(`${app.ui("value")} ${plain(violation.value)}`);
    if (violation.limit !== null) parts.push(`${app.ui("limit")} ${plain(violation.limit)}`);
    return parts.join(" · ");
  }

  const plain = (value) => (typeof value === "number" ? app.number(value, Number.isInteger(value) ? 0 : 2) : value);
  const flags = (grid) =>
    [...new Set(app.violationsByGrid.get(grid.grid_code).map((one) => app.word("rule", one.rule)))].join(" · ");
})(window.gridplanMap);
