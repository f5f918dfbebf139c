// Edits: tried while they are being thought of, made when asked for; what others saved meanwhile is never overwritten.

import { announce, ask, el, toast } from "../dom.js";
import { post } from "../http.js";
import { state } from "../state.js";
import { t, word } from "../words.js";
import { applied, openDraft, touch } from "./model.js";

const WAIT_MS = 40;
let timer = 0;
let trying = null;

const path = (draft) => `/v1/plans/${draft.plan_id}/edits`;

// What moving the picked units would do: numbers of both grids, and rules broken or mended.
export function tryMove() {
  const { draft } = state;
  clearTimeout(timer);
  trying?.abort();
  draft.tried = null;
  if (!draft.picked.size || !draft.target) return touch();
  timer = setTimeout(() => send(draft, moveOf(draft)), WAIT_MS);
  return touch();
}

export const moveOf = (draft) => ({ action: "move", parameters: { units: [...draft.picked], to: draft.target } });

async function send(draft, edit) {
  trying = new AbortController();
  const begun = performance.now();
  try {
    const answer = await post(path(draft), { ...edit, force: true, dry_run: true }, { signal: trying.signal });
    draft.tried = { answer, ms: performance.now() - begun };
    announce(answer.said[state.lang].join("; "));
  } catch (error) {
    if (error.name === "AbortError") return;
    draft.tried = { refused: error.message };
  }
  touch();
}

// Make an edit. A rule that would break is told, and kept only where the planner insists and says why.
export async function make(edit) {
  const { draft } = state;
  try {
    const answer = await post(path(draft), { ...edit, revision: draft.revision });
    applied(draft, answer);
    announce(answer.said[state.lang].join("; "));
    return true;
  } catch (error) {
    return refused(draft, edit, error);
  }
}

async function refused(draft, edit, error) {
  if (error.body?.changed) return conflict(draft, edit, error.body.changed);
  if (error.body?.violations && !edit.force) return insist(edit, error.body.violations);
  toast(error.message, "error");
  return false;
}

async function insist(edit, violations) {
  const reason = el("input", { name: "reason", "aria-label": t("why") });
  const rows = violations.map((one) => el("li", { text: `${one.grid_code} ${word("rule", one.rule)}: ${one.value} / ${one.limit}` }));
  const body = [el("p", { text: t("breaks_rules") }), el("ul", { class: "said-list" }, ...rows), el("label", { class: "field" }, el("span", { text: t("why") }), reason)];
  const choice = await ask(t("refused"), body, [["force", t("insist"), "danger"]], { cancel: t("leave_it") });
  return choice === "force" ? make({ ...edit, force: true, reason: reason.value || edit.reason || "" }) : false;
}

// Another planner saved meanwhile: theirs, mine on top of theirs, or mine on a branch of its own.
async function conflict(draft, edit, changed) {
  const rows = changed.map((one) => el("li", { text: `${one.author} · ${word("action", one.action)} · ${one.grids.join(", ")}${one.reason ? ` · ${one.reason}` : ""}` }));
  const body = [el("p", { text: t("others_saved") }), el("ul", { class: "said-list" }, ...rows)];
  const choices = [
    ["branch", t("keep_as_branch"), ""],
    ["again", t("make_again"), ""],
    ["theirs", t("take_theirs"), "primary"],
  ];
  const choice = await ask(t("conflict"), body, choices, { cancel: t("leave_it") });
  if (choice === "branch") return branch(draft, edit);
  if (choice) await openDraft(draft.plan_id, draft.community);
  return choice === "again" ? make(edit) : false;
}

// Units that others gave to another grid keep their ids, so the edit means the same on the branch.
async function branch(draft, edit) {
  const name = t("branch_of", { name: draft.plan.name });
  const made = await post("/v1/plans", { base: draft.plan_id, name });
  await openDraft(made.plan_id, draft.community);
  toast(t("branch_made", { name }));
  return make(edit);
}
