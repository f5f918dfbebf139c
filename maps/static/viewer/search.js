// Search by code, name or address: it flies to the grid; where an address may mean several, they are listed with what decides.

import { announce, byId, el, fill } from "./dom.js";
import { titleOf } from "./ground.js";
import { get } from "./http.js";
import { state, watch } from "./state.js";
import { number, t, word } from "./words.js";

const MOST_HITS = 8;
let asked = 0;

export function startSearch(place, view) {
  const draw = () => {
    const input = el("input", {
      id: "search-input",
      type: "search",
      autocomplete: "off",
      placeholder: t(state.session.addresses ? "search_address" : "search"),
      "aria-label": t(state.session.addresses ? "search_address" : "search"),
      "aria-controls": "hits",
      on: { input: () => showGrids(input.value, view), keydown: (event) => onKey(event, input, view) },
    });
    fill(place, input, el("ul", { id: "hits", "aria-live": "polite" }));
  };
  draw();
  const away = (event) => !place.contains(event.target) && fill(byId("hits"));
  document.addEventListener("pointerdown", away);
  const end = watch(["lang"], draw);
  return () => {
    document.removeEventListener("pointerdown", away);
    end();
  };
}

function onKey(event, input, view) {
  const hits = [...byId("hits").querySelectorAll("button")];
  if (event.key === "ArrowDown" && hits.length) {
    event.preventDefault();
    hits[0].focus();
  }
  if (event.key === "Escape") fill(byId("hits"));
  if (event.key !== "Enter" || !input.value.trim()) return;
  event.preventDefault();
  const exact = gridsLike(input.value);
  if (exact.length === 1 || (exact.length && /^\d+$/.test(input.value.trim()))) choose(exact[0], view);
  else if (state.session.addresses) askAddress(input.value.trim(), view);
  else if (exact.length) choose(exact[0], view);
}

function gridsLike(text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  const fits = (grid) => grid.grid_code.toLowerCase().includes(wanted) || (grid.name || "").toLowerCase().includes(wanted);
  return state.ground.grids.filter(fits).slice(0, MOST_HITS);
}

function showGrids(text, view) {
  asked += 1;
  const items = gridsLike(text).map((grid) => hit(titleOf(grid), grid.grid_code, () => choose(grid, view)));
  if (text.trim().length > 1 && state.session.addresses) items.push(hit(t("search_as_address", { text: text.trim() }), "↵", () => askAddress(text.trim(), view)));
  else if (!items.length && text.trim()) items.push(el("li", { class: "quiet", text: t("nothing_found") }));
  fill(byId("hits"), ...items);
}

const hit = (title, note, run) =>
  el("li", {}, el("button", { type: "button", on: { click: run, keydown: walk } }, el("span", { text: title }), el("span", { class: "code", text: note })));

function walk(event) {
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  if (!step) return;
  event.preventDefault();
  (event.target.closest("li")[step]?.querySelector("button") || byId("search-input")).focus();
}

function choose(grid, view) {
  fill(byId("hits"));
  view.show(grid);
}

async function askAddress(address, view) {
  const mine = (asked += 1);
  try {
    const found = await get("/v1/locate", { address });
    if (mine === asked) answer(found, view);
  } catch (error) {
    if (mine === asked) fill(byId("hits"), el("li", { class: "error", text: error.message }));
  }
}

// One grid for certain: fly there. Else the candidates, and the question that decides between them.
function answer(found, view) {
  const grid = state.ground.byCode.get(found.grid_code);
  const sure = grid && (found.accepted || found.grid_certain);
  if (sure) {
    fill(byId("hits"), el("li", { class: "said" }, el("strong", { text: found.normalized || found.query }), el("span", { class: "quiet", text: confidence(found) })));
    view.show(grid);
    return;
  }
  const asked = state.lang === "zh" ? found.question : found.question_en;
  const question = asked || t(found.candidates.length ? "which_one" : "nothing_found");
  announce(question);
  const items = found.candidates.slice(0, MOST_HITS).map((candidate) => {
    const own = state.ground.byCode.get(candidate.grid_code);
    const note = own ? `${titleOf(own)} ${candidate.grid_code}` : t("no_grid");
    return hit(candidate.address, note, () => own && choose(own, view));
  });
  fill(byId("hits"), el("li", { class: "question", text: question }), ...items, ...found.notes.map((note) => el("li", { class: "quiet", text: note })));
}

const confidence = (found) => t("confidence", { n: number(100 * found.confidence), level: word("level", found.level) });

