// Speaks to the control surface this page came from, and to nobody else.

import { at } from "./dom.js";

const TOKEN = "torq-mock-control-token";

/** The sandbox that is looked at. */
export const looked = { sandbox: "default" };

function headers(extra = {}) {
  const token = sessionStorage.getItem(TOKEN);
  return { Accept: "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}), ...extra };
}

/** Adds the sandbox to a path. */
function below(path) {
  const url = new URL(path, location.origin);
  if (!url.searchParams.has("sandbox")) url.searchParams.set("sandbox", looked.sandbox);
  return url;
}

let asking;
/** Asks for the control token, once however many requests were refused. */
function askForToken() {
  asking ??= new Promise((given) => {
    const dialog = at("token-dialog");
    at("token-wrong").hidden = !sessionStorage.getItem(TOKEN);
    at("token").value = "";
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.querySelector("form").addEventListener("submit", () => {
      sessionStorage.setItem(TOKEN, at("token").value.trim());
      asking = undefined;
      given();
    }, { once: true });
    dialog.showModal();
  });
  return asking;
}

/** Whether the server wants a token that is not known yet; asks for it before anything else is sent. */
export async function unlock() {
  // The page itself is open to everybody; what it says of itself saves a first request that would be refused.
  const wanted = document.documentElement.dataset.token === "required";
  if (wanted && !sessionStorage.getItem(TOKEN)) await askForToken();
}

/** A response, once the token is right. */
export async function send(path, options = {}) {
  for (;;) {
    const response = await fetch(below(path), { ...options, headers: headers(options.headers), cache: "no-store" });
    if (response.status !== 401) return response;
    await askForToken();
  }
}

/** What is wrong, as the control surface says it. */
export class Refused extends Error {
  constructor(status, body) {
    super(body.rendered ?? body.error ?? `the server answered ${status}`);
    this.status = status;
  }
}

async function json(path, options) {
  const response = await send(path, options);
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, body);
  return body;
}

export const get = (path) => json(path);
export const post = (path, body = {}) => json(path, { method: "POST", body: JSON.stringify(body) });
export const put = (path, body = {}) => json(path, { method: "PUT", body: JSON.stringify(body) });
export const remove = (path) => json(path, { method: "DELETE" });

/** The routes this server has. */
export async function routes() {
  const response = await send("/", { headers: { Accept: "text/plain" } });
  return (await response.text()).split("\n");
}
