// The page: what is told goes into the state, and from there to the views.

import * as access from "./access.js";
import { get, looked, post, remove, routes, unlock } from "./api.js";
import { at, make, say, toast } from "./dom.js";
import { follow } from "./events.js";
import * as executionsView from "./executions.js";
import * as faults from "./faults.js";
import * as requestsView from "./requests.js";
import { before, clockTold, executionTold, forget, now, requestTold, state } from "./state.js";
import { moment, verdict } from "./words.js";

const TABS = ["requests", "executions", "access", "faults"];
let stop = () => {};

function linkSays(word, kind) {
  at("link").className = `link ${kind}`;
  at("link-text").textContent = word;
}

function tick() {
  const text = moment(Math.floor(now()));
  if (at("now").textContent !== text) at("now").textContent = text;
  executionsView.count();
}

function drawClock() {
  const manual = state.clock.mode === "manual";
  at("mode").textContent = manual ? "stands still" : "runs";
  at("mode").className = `chip ${manual ? "held" : "good"}`;
  at("clock-toggle").textContent = manual ? "Resume" : "Pause";
  for (const control of document.querySelectorAll("[data-advance], #advance button")) control.disabled = !manual;
  tick();
}

let drawing = false;
/** Draws once however much is told at a time. */
function drawSoon() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    requestsView.draw();
    executionsView.draw();
  });
}

async function reload() {
  forget();
  const [requests, executions] = await Promise.all([get("/requests?view=summary&limit=500"), get("/executions?limit=500")]);
  before(requests, executions);
  drawSoon();
}

const hear = {
  hello: (clock) => { clockTold(clock); drawClock(); reload().catch((error) => toast(error.message)); },
  missed: () => reload().catch((error) => toast(error.message)),
  clock: (clock) => { clockTold(clock); drawClock(); },
  request: (request) => {
    requestTold(request);
    say(`Request ${request.seq}: ${request.method ?? ""} ${request.route}, ${verdict(request)[0]}`);
    drawSoon();
  },
  answer: (request) => { requestTold(request); requestsView.refresh(request.seq); drawSoon(); },
  execution: (execution) => { executionTold(execution); drawSoon(); },
  reset: () => { requestsView.close(); reload().catch((error) => toast(error.message)); },
  faults: () => faults.draw(),
  "sandbox-made": () => listSoon(),
  "sandbox-gone": (gone) => { if (gone.id === looked.sandbox) look("default"); else listSoon(); },
};

/** Looks at a sandbox from now on. */
async function look(sandbox) {
  stop();
  looked.sandbox = sandbox;
  forget();
  requestsView.close();
  access.forget();
  drawSoon();
  await listSandboxes();
  stop = follow({
    told: (name, data) => hear[name]?.(data),
    connected: () => linkSays("live", "good"),
    broken: () => linkSays("reconnecting", "bad"),
    gone: () => look("default").catch((error) => toast(error.message)),
  });
  if (!at("panel-access").hidden) access.draw();
  faults.draw();
}

async function listSandboxes() {
  const { sandboxes } = await get("/sandboxes");
  at("sandbox").replaceChildren(...sandboxes.map(({ id }) => make("option", { value: id, selected: id === looked.sandbox }, id)));
  at("sandbox-delete").disabled = looked.sandbox === "default";
}

let listing = null;
/** Lists the sandboxes once for many that come and go together. */
function listSoon() {
  listing ??= setTimeout(() => {
    listing = null;
    listSandboxes().catch((error) => toast(error.message));
  }, 100);
}

async function move(body) {
  try {
    const moved = await post("/clock", body);
    if (moved.unsettled) toast(`${moved.unsettled} due call did not take its answer within a second`);
  } catch (error) {
    toast(error.message);
  }
}

function chooseTab(name, focus = false) {
  for (const tab of TABS) {
    const chosen = tab === name;
    at(`tab-${tab}`).setAttribute("aria-selected", String(chosen));
    at(`tab-${tab}`).tabIndex = chosen ? 0 : -1;
    at(`panel-${tab}`).hidden = !chosen;
  }
  if (focus) at(`tab-${name}`).focus();
  if (name === "access") access.draw();
}

function beginTabs() {
  for (const tab of TABS) at(`tab-${tab}`).addEventListener("click", () => chooseTab(tab));
  document.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
    const usable = TABS.filter((tab) => !at(`tab-${tab}`).hidden);
    const here = usable.indexOf(document.activeElement.id.replace("tab-", ""));
    const there = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: usable.length - 1 }[event.key];
    if (there === undefined) return;
    event.preventDefault();
    chooseTab(usable[(there + usable.length) % usable.length], true);
  });
}

function beginClock() {
  at("clock-toggle").addEventListener("click", () => move({ mode: state.clock.mode === "manual" ? "system" : "manual" }));
  for (const button of document.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", () => move({ advance: button.dataset.advance }));
  }
  at("advance").addEventListener("submit", (event) => {
    event.preventDefault();
    move({ advance: at("advance-by").value.trim() });
  });
  setInterval(tick, 100);
  setInterval(executionsView.look, 500);
}

function beginSandboxes() {
  at("sandbox").addEventListener("change", (event) => look(event.target.value).catch((error) => toast(error.message)));
  at("sandbox-new").addEventListener("click", () => { at("sandbox-wrong").hidden = true; at("sandbox-dialog").showModal(); });
  at("sandbox-delete").addEventListener("click", async () => {
    if (!confirm(`Delete the sandbox ${looked.sandbox} and everything in it?`)) return;
    await remove(`/sandboxes/${looked.sandbox}`).catch((error) => toast(error.message));
  });
  at("sandbox-dialog").querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = { clock: at("sandbox-clock").value };
    if (at("sandbox-seed").value) body.seed = Number(at("sandbox-seed").value);
    for (const key of ["ttl", "memory", "latency"]) if (at(`sandbox-${key}`).value.trim()) body[key] = at(`sandbox-${key}`).value.trim();
    if (at("sandbox-config").value.trim()) body.config = at("sandbox-config").value;
    try {
      const made = await post("/sandboxes", body);
      at("sandbox-dialog").close();
      await look(made.id);
      toast(`Made ${made.id} at ${made.base_url}`, "good");
    } catch (error) {
      at("sandbox-wrong").textContent = error.message;
      at("sandbox-wrong").hidden = false;
    }
  });
  for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
}

/** How far a key walks the list of requests. */
const STEPS = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

function beginKeys() {
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches?.("input, textarea, select") || document.querySelector("dialog[open]");
    if (event.key === "Escape" && !document.querySelector("dialog[open]") && !at("detail").hidden) requestsView.close();
    if (event.target.id === "filter" && ["ArrowDown", "Enter"].includes(event.key) && !event.isComposing) {
      event.preventDefault();
      requestsView.first();
      return;
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") { event.preventDefault(); chooseTab("requests"); at("filter").focus(); }
    if (event.key === "?") at("keys-dialog").showModal();
    if (event.key === "p") at("clock-toggle").click();
    // What scrolls by itself goes on doing so; letters walk the list from there as well.
    const scrolls = event.key.startsWith("Arrow") && event.target.closest?.("#detail, pre");
    if (STEPS[event.key] && !scrolls && !at("panel-requests").hidden) {
      event.preventDefault();
      requestsView.walk(STEPS[event.key]);
    }
    requestsView.byKey(event.key);
    const tab = TABS["1234".indexOf(event.key)];
    if (event.key >= "1" && event.key <= "4" && !at(`tab-${tab}`).hidden) chooseTab(tab, true);
  });
}

/** Goes where something else points to. */
function beginLeads() {
  at("help").addEventListener("click", () => at("keys-dialog").showModal());
  document.addEventListener("lead", ({ detail: { execution, request } }) => {
    chooseTab(execution ? "executions" : "requests");
    if (execution) executionsView.reveal(execution);
    else requestsView.show(request);
  });
}

async function begin() {
  beginTabs();
  beginLeads();
  beginClock();
  beginSandboxes();
  beginKeys();
  requestsView.begin();
  await unlock();
  faults.begin(await routes());
  await look("default");
}

begin().catch((error) => { linkSays("failed", "bad"); toast(error.message); });
