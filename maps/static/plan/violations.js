// The list of violations; a click shows the grid concerned.
"use strict";
(function (app) {
  const { el } = app;
  let items = [];

  app.renderViolations = function () {
    const { violations } = app.data;
    const heading = el(
      "h2",
      {},
      el("span", { text: app.ui("violations") }),
      el("span", { class: "badge", text: app.number(violations.length) }),
    );
    items = violations.map((violation) => ({ violation, node: item(violation) }));
    const body = violations.length
      ? el("ol", { class: "violations" }, ...items.map(({ node }) => node))
      : el("p", { class: "all-good", text: app.ui("no_violations") });
    return el("section", { class: "part part-violations" }, heading, body);
  };

  function item(violation) {
    const grid = app.gridByCode.get(violation.grid_code);
    const name = grid ? grid.name || app.shortCode(grid) : "";
    const head = el(
      "span",
      { class: "whose" },
      el("strong", { text: name }),
      el("span", { class: "code", text: violation.grid_code ?? "" }),
    );
    const button = el(
      "button",
      { type: "button", disabled: !grid, on: { click: () => app.select(grid) } },
      head,
      app.violationText(violation),
    );
    return el("li", {}, button);
  }

  app.markSelected = function () {
    const code = app.state.selected && app.state.selected.grid_code;
    for (const { violation, node } of items) {
      const here = code !== null && violation.grid_code === code;
      node.classList.toggle("selected", here);
      if (here) node.scrollIntoView({ block: "nearest" });
    }
  };
})(window.gridplanMap);
