// The page once somebody is signed in: head, panel with tabs, map, card; drawn again when the language changes.

import { button, byId, el, fill } from "./dom.js";
import { startCard } from "./card.js";
import { startCompare } from "./compare.js";
import { startIncidents } from "./incidents.js";
import { startLegend } from "./legend.js";
import { startList } from "./list.js";
import { startMap } from "./mapview.js";
import { startMapTab } from "./maptab.js";
import { startRedraw } from "./redraw/tab.js";
import { startSearch } from "./search.js";
import { set, state, watch } from "./state.js";
import { number, t, word } from "./words.js";

const TABS = ["map", "incidents", "list", "compare", "redraw"];
const SMALL = "(max-width: 900px)"; // as in viewer.css: there the map goes first
const mayPlan = () => ["planner", "admin"].includes(state.session.role);
const tabsShown = () => TABS.filter((name) => name !== "redraw" || mayPlan());

export function startApp({ leave }) {
  layOut();
  drawHead(leave);
  const view = startMap(byId("map"));
  const ends = [
    startMapTab(byId("tab-map")),
    startIncidents(byId("tab-incidents"), byId("timeline"), view),
    startList(byId("tab-list"), view),
    startCompare(byId("tab-compare"), view),
    mayPlan() ? startRedraw(byId("tab-redraw"), view) : () => {},
    startLegend(byId("legend")),
    startCard(byId("card"), view),
    startSearch(byId("search"), view),
    watch(["lang", "ground"], () => drawHead(leave)),
    watch(["lang", "tab"], drawTabs),
    watch(["lang"], () => view.relabel()),
  ];
  drawTabs();
  view.relabel();
  const keys = shortcuts(view);
  return () => {
    keys();
    for (const end of ends) end();
    view.remove();
  };
}

function layOut() {
  document.body.classList.add("app");
  const panels = TABS.map((name) => el("section", { id: `tab-${name}`, role: "tabpanel", "aria-labelledby": `button-${name}`, tabindex: "-1" }));
  fill(
    document.body,
    document.querySelector("body > svg"),
    el("a", { class: "skip", href: "#map", id: "skip" }),
    el("header", { id: "head" }),
    el("aside", { id: "panel", class: matchMedia(SMALL).matches ? "shut" : "" }, el("nav", { id: "tabs", role: "tablist" }), ...panels),
    el(
      "main",
      { id: "stage" },
      el("div", { id: "maps" }, el("div", { id: "map" }), el("div", { id: "other-map", hidden: true })),
      el("div", { id: "legend" }),
      el("div", { id: "card", role: "region", hidden: true }),
      el("div", { id: "timeline", hidden: true }),
    ),
    el("footer", { id: "foot" }),
    el("div", { id: "live", class: "unseen", "aria-live": "polite" }),
    el("div", { id: "toast", role: "status" }),
  );
}

function drawHead(leave) {
  const { session, ground } = state;
  document.documentElement.lang = state.lang === "zh" ? "zh-CN" : "en";
  document.title = t("product");
  const facts = t("head_facts", {
    grids: number(ground.grids.length),
    communities: number(ground.communities.length),
    households: number(ground.grids.reduce((sum, grid) => sum + grid.households, 0)),
  });
  const search = byId("search") || el("div", { id: "search" });
  byId("skip").textContent = t("skip");
  fill(
    byId("head"),
    el("div", { class: "brand" }, el("h1", { text: t("product") }), el("p", { text: facts })),
    search,
    el(
      "nav",
      { class: "tools" },
      button(t("print"), () => print(), { id: "button-print" }),
      button(t("other_language"), () => set({ lang: state.lang === "zh" ? "en" : "zh" }), { id: "button-language" }),
      button(t("sign_out"), leave, { id: "button-leave", title: `${session.name} · ${word("role", session.role)}` }),
    ),
  );
  fill(byId("foot"), el("span", { text: t("disclaimer") }), el("span", { id: "notes", text: notes() }));
}

// What the reader of any output must know of the data.
function notes() {
  const said = state.ground.plans.flatMap((plan) => plan.notices.map((notice) => notice[state.lang]));
  return [...new Set(said)].join(" · ");
}

function drawTabs() {
  const names = tabsShown();
  const tab = (name) =>
    button(t(`tab_${name}`), () => openTab(name), {
      id: `button-${name}`,
      role: "tab",
      "aria-selected": String(state.tab === name),
      "aria-controls": `tab-${name}`,
      tabindex: state.tab === name ? "0" : "-1",
    });
  const focused = document.activeElement?.id;
  const shut = button("", () => byId("panel").classList.toggle("shut"), { id: "button-panel", "aria-label": t("panel") });
  fill(byId("tabs"), ...names.map(tab), shut);
  for (const name of TABS) byId(`tab-${name}`).hidden = name !== state.tab;
  if (focused?.startsWith("button-")) byId(focused)?.focus();
}

function openTab(name) {
  byId("panel").classList.remove("shut");
  set({ tab: name });
}

// Arrow keys go from tab to tab; a stroke leads to the search.
function shortcuts() {
  const onKey = (event) => {
    const typing = event.target.matches?.("input, select, textarea");
    if (event.key === "/" && !typing) {
      event.preventDefault();
      byId("search-input").focus();
    }
    if (event.target.role === "tab" && ["ArrowLeft", "ArrowRight"].includes(event.key)) turn(event.key === "ArrowRight" ? 1 : -1);
    if (event.key === "Escape" && !typing && !document.querySelector("dialog[open]")) set({ selected: null });
  };
  addEventListener("keydown", onKey);
  return () => removeEventListener("keydown", onKey);
}

function turn(by) {
  const names = tabsShown();
  openTab(names[(names.indexOf(state.tab) + by + names.length) % names.length]);
  byId(`button-${state.tab}`).focus();
}
