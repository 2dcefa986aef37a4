// Executions with what they have been through, and calls that are held; both can be let go by hand.

import { get, post } from "./api.js";
import { at, lead, make, reconcile, toast } from "./dom.js";
import { executions, executionTold, heldCalls, now, startedBy, state } from "./state.js";
import { executionKind, seconds, time } from "./words.js";

async function release(id, body) {
  try {
    executionTold(await post(`/executions/${id}/release`, body));
    draw();
  } catch (error) {
    toast(error.message);
  }
}

/** Asks for an output, then ends the execution with it. */
function finish(id) {
  const dialog = at("finish-dialog");
  at("finish-wrong").hidden = true;
  dialog.querySelector("form").onsubmit = (event) => {
    try {
      const output = JSON.parse(at("finish-output").value);
      release(id, { output });
    } catch (error) {
      event.preventDefault();
      at("finish-wrong").textContent = `That is no JSON: ${error.message}`;
      at("finish-wrong").hidden = false;
    }
  };
  dialog.showModal();
}

function hands(execution) {
  if (!["RUNNING", "ON_HOLD"].includes(execution.status)) return null;
  return make("span", { class: "hands", role: "group", "aria-label": `By hand: ${execution.workflow}` },
    make("button", { type: "button", "data-role": "release", onclick: () => release(execution.id, {}) }, "Release"),
    make("button", { type: "button", class: "quiet", "data-role": "finish", onclick: () => finish(execution.id) }, "Finish with…"),
    make("button", { type: "button", class: "quiet danger", "data-role": "fail", onclick: () => release(execution.id, { status: "FAILED" }) }, "Fail"));
}

function timeline(execution) {
  const points = [["triggered", execution.created_at]];
  if (execution.begun_at && execution.begun_at !== execution.created_at) points.push(["begun", execution.begun_at]);
  for (const step of execution.steps) points.push([step.step, step.at]);
  if (execution.complete) points.push([execution.status, execution.updated_at]);
  else if (execution.ends_at) points.push(["ends", execution.ends_at]);
  return make("ol", { class: "timeline", "aria-label": "Timeline" }, points.map(([word, when], place) =>
    make("li", { class: word === "ends" ? "ahead" : place === points.length - 1 && execution.complete ? executionKind(execution.status) : null },
      make("span", {}, word.toLowerCase()), make("time", {}, time(when)))));
}

/** Shows an execution, and moves there. */
export function reveal(id) {
  const item = at("execution-list").querySelector(`[data-key="${id}"]`);
  if (!item) { toast("That execution is not among the newest ones; GET /executions has it."); return; }
  item.focus({ preventScroll: true });
  item.scrollIntoView({ block: "center" });
}

function card(execution) {
  const { request } = execution;
  return make("li", { class: "execution", tabindex: "-1" },
    make("header", {},
      make("span", { class: `chip ${executionKind(execution.status)}` }, execution.status),
      make("strong", {}, execution.workflow),
      make("span", { class: "note" }, `${execution.answer} · ${execution.workspace}`),
      make("code", {}, execution.id),
      request === undefined ? null : make("button", { type: "button", class: "link-like", "data-role": "request", onclick: () => lead({ request }) }, `request #${request}`),
      make("span", { class: "grow" }),
      hands(execution)),
    timeline(execution),
    execution.note ? make("p", { class: "note" }, execution.status === "ON_HOLD" ? `holds at “${execution.note}”` : execution.note) : null,
    execution.output === null ? null : make("details", {}, make("summary", {}, "Output"), make("pre", { tabindex: "0" }, JSON.stringify(execution.output, null, 2))));
}

function heldRow({ request, execution }) {
  const number = make("button", { type: "button", class: "link-like seq", "data-role": "request", onclick: () => lead({ request: request.seq }) }, `#${request.seq}`);
  if (!execution) {
    return make("li", {}, number, make("strong", {}, request.route), make("span", { class: "note" }, "its answer is on the way; the clock brings it"));
  }
  return make("li", {},
    number,
    make("strong", {}, execution.workflow),
    make("span", { class: `chip ${executionKind(execution.status)}` }, execution.status),
    execution.gives_up_at === null ? make("span", { class: "note grow" }, "its answer waits for the execution") : make("span", { class: "counting" },
      make("progress", { "data-from": execution.created_at, "data-to": execution.gives_up_at, max: "1", value: "0", "aria-label": "Time until the caller gets 201" }),
      make("output", {})),
    hands(execution));
}

/** Moves the bars of held calls to the sandbox's time. */
export function count() {
  for (const bar of document.querySelectorAll("progress[data-from]")) {
    const [from, to] = [Date.parse(bar.dataset.from), Date.parse(bar.dataset.to)];
    const passed = Math.min(Math.max(0, now() - from), to - from);
    bar.value = to > from ? passed / (to - from) : 1;
    const text = `${seconds(Math.floor(passed / 100) * 100)} of ${seconds(to - from)}`;
    const output = bar.parentElement.querySelector("output");
    if (output.textContent !== text) output.textContent = text;
  }
}

export function draw() {
  const all = executions();
  const started = startedBy();
  reconcile(at("execution-list"), all.map((it) => ({ ...it, request: started.get(it.id) })), (it) => it.id, card);
  at("execution-none").hidden = all.length > 0;
  at("count-executions").textContent = all.length || "";
  const held = heldCalls();
  at("held").hidden = held.length === 0;
  reconcile(at("held-list"), held, (it) => it.request.seq, heldRow);
  count();
}

/** Looks again at executions whose end has passed on a clock that runs by itself, as nobody tells of it. */
export async function look() {
  if (state.clock.mode !== "system") return;
  const due = executions().filter((it) => !it.complete && it.status !== "ON_HOLD" && it.ends_at && Date.parse(it.ends_at) <= now());
  for (const execution of due.slice(0, 10)) {
    await get(`/executions/${execution.id}`).then(executionTold, () => state.executions.delete(execution.id));
  }
  if (due.length) draw();
}
