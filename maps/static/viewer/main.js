// Puts the page together: words, sign-in, then the map and all that stands around it.

import { el, fill } from "./dom.js";
import { dropKey, get, key, whenRefused } from "./http.js";
import { readGround } from "./ground.js";
import { startApp } from "./app.js";
import { showSignIn } from "./signin.js";
import { forget, set, state } from "./state.js";
import { readWords, t } from "./words.js";

let stop = () => {};

async function start() {
  await readWords();
  whenRefused(() => signOut(t("key_refused")));
  document.documentElement.lang = state.lang === "zh" ? "zh-CN" : "en";
  if (key()) await enter();
  else signOut("");
}

// Ask who we are and for the grids at once; what fails for want of a plan is said in place of the map.
async function enter() {
  fill(document.body, keepSvg(), el("main", { class: "loading" }, el("p", { text: t("loading") })));
  try {
    const [session, ground] = await Promise.all([get("/v1/viewer/session"), get("/v1/viewer/ground")]);
    set({ session, ground: readGround(ground) });
  } catch (error) {
    signOut(error.status === 401 ? t("key_refused") : error.message);
    return;
  }
  stop = startApp({ leave: () => signOut("") });
  document.body.dataset.ready = "yes";
  performance.mark("gridplan-ready");
}

function signOut(message) {
  stop();
  stop = () => {};
  dropKey();
  forget();
  delete document.body.dataset.ready;
  document.body.classList.remove("app");
  showSignIn(message, enter);
}

const keepSvg = () => document.querySelector("body > svg");

start();
