// The list of requests, and one of them with both its sides.

import { get, looked, post } from "./api.js";
import { at, copier, copy, lead, make, marked, reconcile, say, toast } from "./dom.js";
import { requests, state } from "./state.js";
import { answered, called, pretty, statusKind, time, verdict } from "./words.js";

let open = null;
/** The open request as curl, and whether it can be sent again. */
let shown = { curl: null, replayable: false };
const chosen = { text: "", outcome: "" };

/** Whether a request is among those that are filtered for. */
function wanted(request) {
  const [word] = verdict(request);
  if (chosen.outcome && word !== chosen.outcome) return false;
  if (!chosen.text) return true;
  const shown = [request.method, request.path, request.route, request.integration, request.workflow, word, request.gate, request.reason, answered(request), ...request.executions];
  return shown.join(" ").toLowerCase().includes(chosen.text);
}

function row(request) {
  const [word, kind] = verdict(request);
  const status = answered(request);
  const why = request.gate ? `${request.gate}: ${request.reason}` : "";
  const button = make("button", {
    type: "button", class: "request", "data-role": "open", "aria-current": request.seq === open ? "true" : null,
    onclick: () => show(request.seq),
  },
    make("span", { class: "seq" }, `#${request.seq}`),
    make("span", { class: "method" }, request.method ?? "–"),
    make("span", { class: "path", title: request.path }, called(request) || "(no request that could be read)"),
    make("span", { class: `chip ${statusKind(status)}` }, status),
    make("time", { class: "when", title: request.real_at && `${time(request.real_at)} by the machine's clock, in UTC` }, time(request.at)),
    make("span", { class: `verdict ${kind}` }, word, request.replay_of === null ? "" : ` · replay of #${request.replay_of}`),
    make("span", { class: "why" }, why || request.route));
  return make("li", {}, button);
}

export function draw() {
  const shown = requests().filter(wanted);
  reconcile(at("request-list"), shown.map((request) => ({ ...request, open: request.seq === open })), (it) => it.seq, row);
  at("request-none").hidden = shown.length > 0;
  at("request-none").textContent = state.requests.size ? "No request matches the filter." : "No request has come yet. Copy a line from “URLs and secrets” to send one.";
  at("count-requests").textContent = state.received || "";
}

function headerTable(headers) {
  return make("table", { class: "headers" },
    make("caption", { class: "unseen" }, "Headers"),
    make("tbody", {}, (headers ?? []).map(([name, value]) => make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, value)))));
}

function bodyBlock(body) {
  if (!body) return make("p", { class: "none" }, "No body was kept.");
  if (body.over_limit) return make("p", { class: "none" }, "The body was over the payload limit; nothing of it was kept.");
  if (!body.bytes) return make("p", { class: "none" }, "No body.");
  const note = body.cut_off ? `${body.bytes} bytes, of which the beginning is shown` : `${body.bytes} bytes`;
  return [make("pre", { tabindex: "0", "aria-label": "Body" }, pretty(body.text)), make("p", { class: "note" }, note)];
}

function side(title, ...content) {
  return make("section", { class: "side" }, make("h3", {}, title), ...content);
}

function refusal(entry) {
  if (!entry.gate) return null;
  const rows = [
    ["Gate", entry.gate], ["Reason", entry.reason], ["Expected", entry.expected], ["Received", entry.received],
    ["Mistakes", entry.mistakes.join(", ")], ["Do this", entry.hint], ["Nearest URL", entry.nearest],
    ["Decided by", entry.provenance === "contract" ? null : entry.provenance],
  ].filter(([, value]) => value);
  return make("section", { class: "refusal" },
    make("h3", {}, "Why it was refused"),
    make("dl", {}, rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, marked(value))])));
}

function answerSide(entry) {
  if (entry.answer === null) return side("Answer", make("p", { class: "none" }, "The call is being held; there is no answer yet."));
  if (entry.answer.caller_gone) return side("Answer", make("p", { class: "none" }, "The caller had gone before there was one."));
  if (entry.answer.automatic) return side("Answer", make("p", { class: "none" }, "The HTTP layer answered by itself."));
  return side(`Answer ${entry.answer.status}, at ${time(entry.answer.at)}`, headerTable(entry.answer.headers), bodyBlock(entry.answer.body));
}

function detail(entry) {
  const [word, kind] = verdict(entry);
  return [
    make("header", {},
      make("h2", {}, make("span", { class: "seq" }, `#${entry.seq}`), ` ${entry.method ?? "–"} `, make("span", { class: "route" }, entry.route)),
      make("span", { class: `chip ${kind}` }, word),
      make("span", { class: "grow" }),
      entry.method && make("button", { type: "button", id: "replay", "data-role": "replay", onclick: () => replay(entry.seq) }, "Replay"),
      make("button", { type: "button", class: "quiet", "data-role": "close", "aria-label": "Close the request", onclick: close }, "Close")),
    make("p", { class: "target" }, entry.path),
    refusal(entry),
    make("div", { class: "sides" },
      side(`Request, at ${time(entry.at)}${entry.real_at ? ` (${time(entry.real_at)} by the machine’s clock)` : ""}`, headerTable(entry.headers), bodyBlock(entry.body)),
      answerSide(entry)),
    entry.event === null ? null : side(entry.executions.length ? "Event, as the workflow saw it" : "Event, as a workflow would have seen it", make("pre", { tabindex: "0", "aria-label": "Event" }, JSON.stringify(entry.event, null, 2))),
    entry.executions.length ? side("Executions", make("ul", { class: "ids" }, entry.executions.map((id) => make("li", {},
      make("button", { type: "button", class: "link-like", "data-role": "execution", onclick: () => lead({ execution: id }) }, id))))) : null,
    entry.curl && side("As curl", make("pre", { tabindex: "0", "aria-label": "Command line" }, entry.curl), copier("Copy as curl", entry.curl)),
  ].filter(Boolean);
}

/** Opens a request beside the list. */
export async function show(seq, focus = true) {
  open = seq;
  draw();
  try {
    const entry = await get(`/requests/${seq}`);
    if (open !== seq) return;
    const panel = at("detail");
    shown = { curl: entry.curl, replayable: Boolean(entry.method) };
    panel.replaceChildren(...detail(entry));
    panel.hidden = false;
    panel.parentElement.classList.add("split");
    panel.setAttribute("aria-label", `Request ${seq}`);
    if (focus) panel.focus({ preventScroll: innerWidth > 900 });
  } catch (error) {
    close();
    toast(error.message);
  }
}

/** Shows what is new of the request that is open. */
export function refresh(seq) {
  if (open === seq) show(seq, false);
}

export function close() {
  const seq = open;
  open = null;
  at("detail").hidden = true;
  at("detail").parentElement.classList.remove("split");
  draw();
  at("request-list").querySelector(`[data-key="${seq}"] button`)?.focus();
}

async function replay(seq) {
  try {
    const again = await post(`/requests/${seq}/replay`);
    say(`Sent again as request ${again.seq}`);
    await show(again.seq);
  } catch (error) {
    toast(error.message);
  }
}

/** Goes to the first request of the list. */
export const first = () => at("request-list").querySelector("li > button")?.focus();

/** Walks the list of requests: from the one that is focused or open, or else from the end where the step comes in. */
export function walk(step) {
  const rows = [...at("request-list").querySelectorAll("li > button")];
  const focused = rows.indexOf(document.activeElement);
  const here = focused >= 0 ? focused : rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  const next = here >= 0 ? here + step : step > 0 ? 0 : rows.length - 1;
  rows[next]?.focus();
}

/** Does to the open request what a key stands for. */
export async function byKey(key) {
  if (open === null) return;
  if (key === "r" && shown.replayable) await replay(open);
  if (key === "c" && shown.curl) toast(await copy(shown.curl) ? `Copied request #${open} as curl` : "It could not be copied", "good");
}

export function begin() {
  at("filter").addEventListener("input", (event) => { chosen.text = event.target.value.trim().toLowerCase(); draw(); });
  at("filter-outcome").addEventListener("change", (event) => { chosen.outcome = event.target.value; draw(); });
  document.querySelector(".filters").addEventListener("submit", (event) => event.preventDefault());
  at("forget").addEventListener("click", async () => {
    if (!confirm(`Forget the requests of the sandbox ${looked.sandbox}?`)) return;
    await post("/reset?scope=journal").catch((error) => toast(error.message));
  });
}
