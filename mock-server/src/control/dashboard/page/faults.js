// Deliberate faults: which are on, and switching them.

import { get, put } from "./api.js";
import { at, make, reconcile, toast } from "./dom.js";

let known = { faults: [], available: [] };
let filter = "";

async function set(names) {
  try {
    await put("/faults", { faults: names });
  } catch (error) {
    toast(error.message);
  }
  await draw();
}

function row(fault) {
  const box = make("input", {
    type: "checkbox", checked: fault.on, "data-role": fault.name,
    onchange: (event) => {
      const others = known.faults.filter((name) => name !== fault.name);
      set(event.target.checked ? [...others, fault.name] : others);
    },
  });
  return make("li", { class: fault.on ? "fault on" : "fault" },
    make("label", {}, box, make("code", {}, fault.name)),
    make("p", {}, fault.about));
}

function show() {
  const on = new Set(known.faults);
  const shown = known.available
    .filter((fault) => `${fault.name} ${fault.about}`.toLowerCase().includes(filter))
    .map(({ name, about }) => ({ name, about, on: on.has(name) }))
    .sort((one, other) => other.on - one.on);
  reconcile(at("fault-list"), shown, (fault) => fault.name, row);
  at("count-faults").textContent = on.size || "";
  at("faults-off").disabled = on.size === 0;
}

/** Reads which faults there are and which are on. */
export async function draw() {
  if (at("tab-faults").hidden) return;
  try {
    known = await get("/faults");
  } catch (error) {
    toast(error.message);
    return;
  }
  show();
}

/** Shows the tab where the server knows faults. */
export function begin(routes) {
  at("tab-faults").hidden = !routes.includes("GET /faults");
  at("panel-faults").replaceChildren(
    make("div", { class: "faults-head" },
      make("label", { for: "fault-filter", class: "unseen" }, "Filter the faults"),
      make("input", { id: "fault-filter", type: "search", placeholder: "Filter the faults…", autocomplete: "off", oninput: (event) => { filter = event.target.value.trim().toLowerCase(); show(); } }),
      make("button", { id: "faults-off", type: "button", class: "quiet", onclick: () => set([]) }, "All off")),
    make("ul", { id: "fault-list", class: "faults", "aria-label": "Faults" }));
}
