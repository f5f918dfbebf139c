// A draft's life beside its edits: begun, cut anew by a job, submitted, approved, published, given up.

import { ask, el, toast } from "../dom.js";
import { follow, get, post } from "../http.js";
import { readGround } from "../ground.js";
import { set, state } from "../state.js";
import { number, t } from "../words.js";
import { openDraft, touch } from "./model.js";

export async function begin(name, base) {
  const made = await post("/v1/plans", { base, name });
  await openDraft(made.plan_id);
}

// Cut anew what is chosen, or all that is not locked; the job goes on when the page is closed.
export async function replan(codes) {
  const { draft } = state;
  const job = await post(`/v1/plans/${draft.plan_id}/replan`, { codes, effort: "quick" });
  draft.job = job;
  touch();
  await listen(draft, job);
}

async function listen(draft, job) {
  const tell = (name, found) => {
    draft.job = found;
    touch();
  };
  try {
    await follow(`/v1/jobs/${job.job_id}/events`, tell);
  } catch {
    draft.job = await get(`/v1/jobs/${job.job_id}`); // the line broke: ask once, and say how it stands
  }
  const { state: end, error } = draft.job;
  if (end === "done") {
    toast(t("replanned"));
    await openDraft(draft.plan_id, draft.community);
  } else if (error) toast(error.detail, "error");
  draft.job = null;
  touch();
}

export const cancelJob = (job) => post(`/v1/jobs/${job.job_id}/cancel`);

// The next step that the plan's state allows: submitted, then approved, then published.
export const NEXT = { draft: "submit", submitted: "approve", approved: "publish" };

export async function take(step) {
  const { draft } = state;
  const given = step === "publish" ? await askPublish(draft) : await askReason(step);
  if (!given) return;
  toast(t("working"));
  const plan = await post(`/v1/plans/${draft.plan_id}/${step}`, { ...given, revision: draft.revision });
  toast(t(`done_${step}`));
  if (step === "publish") await leave(true);
  else if (step === "discard") await leave(false);
  else {
    draft.plan = plan;
    draft.revision = plan.revision;
    touch();
  }
}

async function askReason(step) {
  const input = el("input", { name: "reason", "aria-label": t("why") });
  const body = el("label", { class: "field" }, el("span", { text: t("why") }), input);
  const choice = await ask(t(step), body, [["go", t(step), step === "discard" ? "danger" : "primary"]], { cancel: t("leave_it") });
  return choice ? { reason: input.value } : null;
}

async function askPublish(draft) {
  const day = el("input", { type: "date", name: "valid-from", value: state.session.today, min: state.session.today, "aria-label": t("valid_from") });
  const facts = t("publish_facts", { grids: number(draft.ground.grids.length), violations: number(draft.ground.violations.length) });
  const body = [el("p", { text: facts }), el("label", { class: "field" }, el("span", { text: t("valid_from") }), day)];
  const choice = await ask(t("publish"), body, [["go", t("publish"), "danger"]], { cancel: t("leave_it") });
  return choice ? { valid_from: day.value } : null;
}

// Back to the grids in force, read again where they may be others now.
export async function leave(changed) {
  set({ draft: null });
  if (changed) set({ ground: readGround(await get("/v1/viewer/ground")), lines: null });
}
