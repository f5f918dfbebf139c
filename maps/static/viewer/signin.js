// The door: a key, kept for this tab alone and sent in a header of each request.

import { button, el, fill } from "./dom.js";
import { keepKey } from "./http.js";
import { set, state, watch } from "./state.js";
import { t } from "./words.js";

export function showSignIn(message, enter) {
  const end = watch(["lang"], draw);
  draw();

  function draw() {
    const input = el("input", {
      id: "key",
      type: "password",
      name: "key",
      required: true,
      autocomplete: "current-password",
      spellcheck: "false",
      placeholder: "gp_…",
    });
    const form = el(
      "form",
      { class: "sign-in", id: "sign-in", on: { submit } },
      el("h1", { text: t("product") }),
      el("p", { class: "quiet", text: t("sign_in_why") }),
      el("label", { for: "key", text: t("key") }),
      input,
      el("p", { class: "error", role: "alert", text: message }),
      el("button", { type: "submit", class: "primary", text: t("sign_in") }),
      button(t("other_language"), () => set({ lang: state.lang === "zh" ? "en" : "zh" }), { class: "quiet-button", id: "button-language" }),
    );
    document.documentElement.lang = state.lang === "zh" ? "zh-CN" : "en";
    document.title = t("product");
    fill(document.body, document.querySelector("body > svg"), el("main", { class: "door" }, form));
    input.focus();

    function submit(event) {
      event.preventDefault();
      end();
      keepKey(input.value.trim());
      enter();
    }
  }
}
