// Ready-made URLs, command lines and secrets; secrets stay hidden until somebody asks for them.

import { get } from "./api.js";
import { at, copier, make, toast } from "./dom.js";

const HIDDEN = "••••••••";
const shown = new Set();
let profile = null;

function secret(name, value) {
  const text = make("code", { class: "secret" }, shown.has(name) ? value : HIDDEN);
  const button = make("button", {
    type: "button", class: "quiet", "aria-pressed": String(shown.has(name)), "aria-label": `Show ${name}`,
    onclick: () => {
      if (shown.has(name)) shown.delete(name); else shown.add(name);
      const is = shown.has(name);
      text.textContent = is ? value : HIDDEN;
      button.textContent = is ? "Hide" : "Show";
      button.setAttribute("aria-pressed", String(is));
    },
  }, shown.has(name) ? "Hide" : "Show");
  return make("span", { class: "reveal" }, text, button, copier("Copy", () => value));
}

function line(label, url) {
  return make("div", { class: "line" }, make("span", { class: "label" }, label), make("code", {}, url), copier("Copy", url));
}

/** What has to be sent along to an integration's URLs, with the secrets. */
function credentials(integration) {
  return (integration.headers ?? []).map((header) => ` \\\n  -H '${header.name}: ${header.secret}'`).join("");
}

function workflowCard(name, workflow, integration) {
  const base = `${profile.urls.hooks}/v1/webhooks/${integration.id}`;
  const url = `${base}/workflows/${workflow.id}`;
  const signing = integration.hmac ? `Sign the body: HMAC-${integration.hmac.algorithm}, ${integration.hmac.encoding}, in ${integration.hmac.header}` : null;
  const curl = `curl -i ${url}/sync \\\n  -H 'Content-Type: application/json'${credentials(integration)} \\\n  -d '{}'`;
  return make("article", { class: "workflow" },
    make("h3", {}, name, make("span", { class: "note" }, ` ${workflow.integration}`)),
    make("code", { class: "url" }, `${url}/sync`),
    make("div", { class: "copies", role: "group", "aria-label": `Copy for ${name}` },
      make("span", { class: "note", "aria-hidden": "true" }, "Copy"), copier("Sync URL", `${url}/sync`), copier("Async URL", url), copier("Webhook URL", base),
      integration.hmac ? null : copier("curl", curl)),
    (integration.headers ?? []).map((header) => make("div", { class: "line" }, make("span", { class: "label" }, header.name), secret(`${workflow.integration} ${header.name}`, header.secret))),
    integration.hmac && make("div", { class: "line" }, make("span", { class: "label" }, "HMAC secret"), secret(`${workflow.integration} HMAC`, integration.hmac.secret)),
    signing && make("p", { class: "note" }, signing));
}

/** Reads the profile and shows it. */
export async function draw() {
  try {
    profile = await get("/profile");
  } catch (error) {
    toast(error.message);
    return;
  }
  const clients = Object.entries(profile.workspaces).flatMap(([workspace, row]) =>
    Object.entries(row.clients).map(([name, client]) => make("article", { class: "workflow" },
      make("h3", {}, name, make("span", { class: "note" }, ` client of ${workspace}`)),
      line("id", client.id),
      make("div", { class: "line" }, make("span", { class: "label" }, "secret"), secret(`${workspace} ${name}`, client.secret)))));
  at("panel-access").replaceChildren(
    make("h2", {}, "Trigger URLs"),
    make("div", { class: "grid" }, Object.entries(profile.workflows).map(([name, workflow]) => workflowCard(name, workflow, profile.integrations[workflow.integration]))),
    make("h2", {}, "Executions API"),
    make("div", { class: "grid" },
      make("article", { class: "workflow" }, make("h3", {}, "Endpoints"), line("token", `${profile.urls.auth}/v1/auth/token`), line("execution", `${profile.urls.api}/public/v1alpha/executions/{id}`)),
      clients));
}

/** Hides everything again, for another sandbox. */
export function forget() {
  shown.clear();
  profile = null;
  at("panel-access").replaceChildren();
}
