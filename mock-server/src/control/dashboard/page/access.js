// Ready-made URLs, command lines and secrets; secrets stay hidden until somebody asks for them.

import { get, looked } from "./api.js";
import { at, copier, make, reconcile, toast } from "./dom.js";

const HIDDEN = "••••••••";
const shown = new Set();

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
  return (integration.headers ?? []).map((header) => ` \\\n  -H ${quoted(`${header.name}: ${header.secret}`)}`).join("");
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** A command that signs a body, with the time where that is signed along, and sends it. */
function signedCommand({ curl, url, joint }, { hmac, ...integration }) {
  const stamped = Boolean(hmac.timestamp_header);
  const digest = `openssl dgst -${hmac.algorithm} -hmac ${quoted(hmac.secret)}`;
  const written = hmac.encoding === "hex" ? `${digest} -r | cut -d ' ' -f 1` : `${digest} -binary | base64 -w 0`;
  const signed = stamped ? `printf '%s%s%s' "$time" ${quoted(joint)} "$body"` : "printf '%s' \"$body\"";
  return `body='{}'; ${stamped ? "time=$(date +%s); " : ""}${curl} ${url}/sync \\\n  -H 'Content-Type: application/json'${credentials(integration)} \\\n`
    + (stamped ? `  -H "${hmac.timestamp_header}: $time" \\\n` : "")
    + `  -H "${hmac.header}: ${hmac.prefix ?? ""}$(${signed} | ${written})" \\\n  -d "$body"`;
}

/** What has to be signed, how, and where the digest goes. */
function signing({ algorithm, encoding, header, prefix, timestamp_header: stamp }, joint) {
  const what = stamp ? `the time in ${stamp}, then ${joint ? `“${joint}”, then ` : ""}the body` : "the body";
  return `Sign ${what}: HMAC-${algorithm}, ${encoding}, in ${header}${prefix ? ` behind “${prefix}”` : ""}`;
}

function workflowCard({ name, workflow, integration, hooks, curl, joint }) {
  const base = `${hooks}/v1/webhooks/${integration.id}`;
  const url = `${base}/workflows/${workflow.id}`;
  const command = integration.hmac
    ? signedCommand({ curl, url, joint }, integration)
    : `${curl} ${url}/sync \\\n  -H 'Content-Type: application/json'${credentials(integration)} \\\n  -d '{}'`;
  return make("article", { class: "workflow" },
    make("h3", {}, name, make("span", { class: "note" }, ` ${workflow.integration}`)),
    make("code", { class: "url" }, `${url}/sync`),
    make("div", { class: "copies", role: "group", "aria-label": `Copy for ${name}` },
      make("span", { class: "note", "aria-hidden": "true" }, "Copy"), copier("Sync URL", `${url}/sync`), copier("Async URL", url), copier("Webhook URL", base),
      command && copier("curl", command)),
    (integration.headers ?? []).map((header) => make("div", { class: "line" }, make("span", { class: "label" }, header.name), secret(`${workflow.integration} ${header.name}`, header.secret))),
    integration.hmac && make("div", { class: "line" }, make("span", { class: "label" }, "HMAC secret"), secret(`${workflow.integration} HMAC`, integration.hmac.secret)),
    integration.hmac && make("p", { class: "note" }, signing(integration.hmac, joint)));
}

const size = (bytes) => (bytes < 1 << 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`);

function fact(label, text) {
  return make("div", { class: "line" }, make("span", { class: "label" }, label), make("span", {}, text));
}

/** What a sandbox is and how full it is. */
function sandboxCard({ id, base_url, memory, expires_at, latency, faults, certificate }) {
  return make("article", { class: "workflow" },
    make("h3", {}, "Sandbox", make("span", { class: "note" }, ` ${id}`)),
    line("base URL", base_url),
    make("div", { class: "line" }, make("span", { class: "label" }, "memory"),
      make("progress", { max: String(memory.budget), value: String(memory.used), "aria-label": "Memory used" }),
      make("span", { class: "note" }, `${size(memory.used)} of ${size(memory.budget)}`)),
    expires_at === null ? null : fact("goes by itself", expires_at),
    certificate === "made-here" ? line("authority", `curl -s ${location.origin}/ca.pem > ca.pem`) : null,
    latency === "none" ? null : fact("latency", latency),
    faults.length ? fact("faults", faults.join(", ")) : null);
}

function endpointsCard({ urls }) {
  return make("article", { class: "workflow" }, make("h3", {}, "Endpoints"), line("token", `${urls.auth}/v1/auth/token`), line("execution", `${urls.api}/public/v1alpha/executions/{id}`));
}

function clientCard({ name, workspace, client }) {
  return make("article", { class: "workflow" },
    make("h3", {}, name, make("span", { class: "note" }, ` client of ${workspace}`)),
    line("id", client.id),
    make("div", { class: "line" }, make("span", { class: "label" }, "secret"), secret(`${workspace} ${name}`, client.secret)));
}

/** Reads what the sandbox says of itself and shows it; a card that says the same as before stays, with what is revealed and focused in it. */
export async function draw() {
  const asked = looked.sandbox;
  let sandbox;
  try {
    sandbox = await get(`/sandboxes/${asked}`);
  } catch (error) {
    toast(error.message);
    return;
  }
  // Somebody looks at another one by now, which is drawn for itself.
  if (asked !== looked.sandbox) return;
  const { profile, certificate, signature_joint: joint } = sandbox;
  // Curl is called so that it trusts the sandbox.
  const curl = certificate === "made-here" ? "curl -i --cacert ca.pem" : "curl -i";
  const workflows = Object.entries(profile.workflows).map(([name, workflow]) =>
    ({ name, workflow, integration: profile.integrations[workflow.integration], hooks: profile.urls.hooks, curl, joint }));
  const clients = Object.entries(profile.workspaces).flatMap(([workspace, { clients }]) =>
    Object.entries(clients).map(([name, client]) => ({ card: clientCard, name, workspace, client })));
  reconcile(at("workflow-list"), workflows, ({ name }) => name, workflowCard);
  reconcile(at("sandbox-list"),
    [{ card: sandboxCard, ...sandbox }, { card: endpointsCard, urls: profile.urls }, ...clients],
    ({ card, workspace, name }) => JSON.stringify([card.name, workspace, name]),
    (item) => item.card(item));
}

/** Hides everything again, for another sandbox. */
export function forget() {
  shown.clear();
  at("workflow-list").replaceChildren();
  at("sandbox-list").replaceChildren();
}
