// Building and finding elements. Text only ever goes in as text, never as markup.

/** The element of an id. */
export const at = (id) => document.getElementById(id);

/** An element with attributes, listeners (`onclick`) and children; what is null or false is left out. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A sentence in which what stands between backticks is shown as code. */
export const marked = (text) => text.split("`").map((part, place) => (place % 2 ? make("code", {}, part) : part));

/** What each element of a list was drawn from. Not kept as an attribute: it can hold secrets. */
const drawnFrom = new WeakMap();

/** Makes a list show exactly these items in this order, and leaves alone those that are the same as before. */
export function reconcile(list, items, key, draw) {
  const known = new Map([...list.children].map((child) => [child.dataset.key, child]));
  let place = list.firstElementChild;
  for (const item of items) {
    const name = String(key(item));
    const version = JSON.stringify(item);
    let element = known.get(name);
    known.delete(name);
    if (!element || drawnFrom.get(element) !== version) {
      const fresh = draw(item);
      fresh.dataset.key = name;
      drawnFrom.set(fresh, version);
      if (element) {
        const focused = element.contains(document.activeElement) ? document.activeElement.dataset.role : null;
        if (place === element) place = fresh;
        element.replaceWith(fresh);
        if (focused) fresh.querySelector(`[data-role="${focused}"]`)?.focus({ preventScroll: true });
      }
      element = fresh;
    }
    if (element !== place) list.insertBefore(element, place);
    place = element.nextElementSibling;
  }
  for (const element of known.values()) element.remove();
}

/** Tells assistive technology. */
export function say(text) {
  at("said").textContent = text;
}

let hiding;
/** Shows a problem, or that something worked, for a while. */
export function toast(text, kind = "wrong") {
  const box = at("toast");
  box.textContent = text;
  box.className = `toast ${kind}`;
  box.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { box.hidden = true; }, 6000);
}

/** A button that copies a text. */
export function copier(label, text) {
  return make("button", {
    type: "button", class: "quiet", "data-role": `copy-${label}`,
    onclick: async (event) => {
      const button = event.currentTarget;
      const ok = await copy(typeof text === "function" ? text() : text);
      button.textContent = ok ? "Copied" : "Select it and copy";
      say(button.textContent);
      setTimeout(() => { button.textContent = label; }, 1500);
    },
  }, label);
}

/** Leads to something in another view: `{ execution }` or `{ request }`. */
export const lead = (to) => document.dispatchEvent(new CustomEvent("lead", { detail: to }));

/** Copies a text, if the browser lets it. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = make("textarea", { class: "unseen" });
    area.value = text;
    document.body.append(area);
    area.select();
    const ok = document.execCommand("copy");
    area.remove();
    return ok;
  }
}
