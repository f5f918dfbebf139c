// Puts the page together: head, panel, map, legend, foot; and draws them again in the other language.
"use strict";
(function (app) {
  const { el } = app;

  app.start = function (map) {
    app.read();
    document.body.append(el("header", { id: "head" }), el("aside", { id: "panel" }), el("footer", { id: "foot" }));
    map.getContainer().append(el("div", { id: "legend" }), el("div", { id: "north", "aria-hidden": "true" }));
    map.invalidateSize({ animate: false });
    map.setMinZoom(3);
    app.drawLayers(map);
    app.startLabels(map);
    app.startSpots(map);
    L.control.zoom({ position: "topright", zoomInTitle: "放大 Zoom in", zoomOutTitle: "缩小 Zoom out" }).addTo(map);
    L.control.scale({ imperial: false, maxWidth: 160 }).addTo(map);
    map.on("popupclose", app.unselect);
    map.on("mousemove", (event) => showPlace(event.latlng));
    L.DomEvent.disableClickPropagation(document.getElementById("legend"));
    render();
    app.showWhole();
    if (app.data.selected) app.select(app.gridByCode.get(app.data.selected));
    addEventListener("beforeprint", () => forPrint(true));
    addEventListener("afterprint", () => forPrint(false));
    document.body.dataset.ready = "yes";
  };

  // The whole plan, beside the legend where the map is wide enough for both.
  app.showWhole = function () {
    const legend = document.getElementById("legend").offsetWidth + 14;
    const right = app.map.getSize().x > 4 * legend ? legend : 0;
    const padding = { paddingTopLeft: [14, 14], paddingBottomRight: [14 + right, 14] };
    app.map.fitBounds(app.data.bounds, { animate: false, ...padding });
  };

  app.colourBy = function (name) {
    app.state.colour = name;
    app.recolour();
    app.drawLabels();
    render();
  };

  function switchLanguage() {
    app.state.lang = app.state.lang === "zh" ? "en" : "zh";
    app.map.closePopup();
    app.drawLabels();
    render();
  }

  function render() {
    document.documentElement.lang = app.state.lang === "zh" ? "zh-CN" : "en";
    fill("head", ...headParts());
    fill(
      "panel",
      app.renderSearch(),
      app.renderNotices(),
      app.renderSummary(),
      app.renderSpots(),
      app.renderColours(),
      app.renderLayers(),
      app.renderViolations(),
    );
    fill("legend", app.renderLegend());
    fill("north", el("span", { text: app.ui("north") }), el("i", {}));
    fill("foot", el("span", { text: app.ui("disclaimer") }), el("span", { id: "place" }), paperNotes());
  }

  const fill = (id, ...children) => document.getElementById(id).replaceChildren(...children.filter(Boolean));

  function headParts() {
    const button = (key, run) =>
      el("button", { type: "button", id: `button-${key}`, text: app.ui(key), on: { click: run } });
    return [
      el("h1", {}, el("span", { text: app.data.title }), el("small", { text: app.ui("product") })),
      el(
        "nav",
        {},
        button("whole", app.showWhole),
        button("print", () => print()),
        button("other_language", switchLanguage),
      ),
    ];
  }

  // What the panel says of the data goes onto the sheet too: a paper must not hide that its data are made up.
  function paperNotes() {
    const { summary, notices } = app.data;
    const { minimum, maximum } = summary.band;
    const facts = [`${app.ui("band")} ${minimum}–${maximum}`, `${app.ui("n_grids")} ${app.number(summary.grids)}`];
    return el("span", { id: "notes", text: [...notices.map((one) => one[app.state.lang]), ...facts].join(" · ") });
  }

  function showPlace({ lng, lat }) {
    document.getElementById("place").textContent =
      `${app.ui("coordinates")} (WGS84 / CGCS2000) ${lng.toFixed(5)}, ${lat.toFixed(5)}`;
  }

  // On paper the map takes the sheet's shape; it shows the whole plan, or the part that the screen was zoomed to.
  function forPrint(on) {
    const view = app.map.getBounds();
    const whole = view.contains(app.data.bounds);
    document.body.classList.toggle("printing", on);
    app.map.invalidateSize({ animate: false });
    if (whole) app.showWhole();
    else app.map.fitBounds(view, { animate: false });
    app.drawFor(on ? "paper" : "screen");
    if (app.drawSpots) app.drawSpots();
    app.drawLabels();
  }
})(window.gridplanMap);
