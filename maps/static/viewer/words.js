// The page's own sentences (words.json), and the words that it shares with command line, sheets and maps (terms.json).

import { state } from "./state.js";

const groups = {};

export async function readWords() {
  const places = [new URL("./words.json", import.meta.url), new URL("../terms.json", import.meta.url)];
  const [own, terms] = await Promise.all(places.map((place) => fetch(place).then((answer) => answer.json())));
  Object.assign(groups, terms, own);
}

// The word of a group in the page's language; a word that has no translation stands as it is.
export function word(group, key) {
  const words = groups[group] || {};
  return Object.hasOwn(words, key) ? words[key][state.lang === "zh" ? 0 : 1] : String(key ?? "");
}

export function t(key, values = {}) {
  return word("viewer", key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

const locale = () => (state.lang === "zh" ? "zh-CN" : "en-GB");

export function number(value, digits = 0) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(locale(), options).format(value);
}

export const percent = (share) => (share === null || share === undefined ? "–" : `${number(100 * share, 1)}%`);
export const signed = (value, digits = 0) => (value > 0 ? `+${number(value, digits)}` : number(value, digits));
export const hours = (minutes) => number(minutes / 60, 1);
export const day = (date) => date.toISOString().slice(0, 10);

export function moment(text) {
  const options = { dateStyle: "medium", timeStyle: "short" };
  return new Intl.DateTimeFormat(locale(), options).format(new Date(text));
}
