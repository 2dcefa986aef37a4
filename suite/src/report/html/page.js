// The page: its filter with its state in the address, keys, theme, and stories that are made when they are opened.
const byId = id => document.getElementById(id);
const form = byId("filter");
const cases = [...document.querySelectorAll("details.case")].map((node, index) => ({
  node,
  index,
  id: node.id.slice("case-".length),
  verdict: node.dataset.verdict,
  section: node.dataset.section,
  level: node.dataset.level,
  text: `${node.querySelector("summary").textContent} ${node.dataset.foundBy}`.toLowerCase(),
}));
const byCase = new Map(cases.map(it => [it.id, it]));

let lines = null;
let requirements = null;
const fill = it => {
  const place = it.node.querySelector(".story");
  if (place.dataset.told) return;
  place.dataset.told = "yes";
  lines ??= byId("stories").textContent.split("\n");
  requirements ??= JSON.parse(byId("requirement-data").textContent);
  place.replaceChildren(...storyOf(it.id, JSON.parse(lines[it.index]), requirements));
};
for (const it of cases) it.node.addEventListener("toggle", () => { if (it.node.open) fill(it); });

const wanted = () => {
  const data = new FormData(form);
  return { q: data.get("q").trim(), section: data.get("section"), level: data.get("level"), verdict: data.getAll("verdict") };
};

const apply = () => {
  const { q, section, level, verdict } = wanted();
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const it of cases) {
    const fits = (!section || it.section === section) && (!level || it.level === level) && (verdict.length === 0 || verdict.includes(it.verdict)) && words.every(word => it.text.includes(word));
    it.node.hidden = !fits;
    shown += fits;
  }
  byId("count").textContent = shown === cases.length ? `${cases.length} cases` : `${shown} of ${cases.length} cases`;
  byId("none").hidden = shown > 0;
};

const written = open => {
  const { q, section, level, verdict } = wanted();
  const parts = [["q", q], ["section", section], ["level", level], ["verdict", verdict.join(",")], ["case", open]];
  return parts.filter(([, value]) => value).map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("%2C", ",")}`).join("&");
};
const write = open => history.replaceState(null, "", `#${written(open)}`);

const set = ({ q = "", section = "", level = "", verdict = "" }) => {
  form.elements.q.value = q;
  form.elements.section.value = section;
  form.elements.level.value = level;
  const verdicts = verdict.split(",");
  for (const box of form.querySelectorAll("[name=verdict]")) box.checked = verdicts.includes(box.value);
};

const reveal = id => {
  const it = byCase.get(id);
  if (!it) return;
  it.node.hidden = false;
  it.node.open = true;
  fill(it);
  it.node.scrollIntoView({ block: "start" });
  it.node.querySelector("summary").focus({ preventScroll: true });
};

// `#q=…&verdict=failed,deviates&section=…&level=…&case=…`; a plain fragment is a part of the page.
const read = first => {
  const hash = location.hash.slice(1);
  if (!hash.includes("=")) return first && apply();
  const state = Object.fromEntries(new URLSearchParams(hash));
  set(state);
  apply();
  if (state.case) reveal(state.case);
  else if (!first || hash) byId("cases").scrollIntoView({ block: "start" });
};

form.hidden = false;
byId("keys").hidden = false;
form.addEventListener("submit", event => event.preventDefault());
form.addEventListener("input", () => { apply(); write(); });
form.addEventListener("reset", event => { event.preventDefault(); set({}); apply(); write(); });
byId("clear").addEventListener("click", () => { set({}); apply(); write(); form.elements.q.focus(); });
addEventListener("hashchange", () => read(false));
byId("list").addEventListener("click", event => {
  const summary = event.target.closest("details.case > summary");
  if (summary) write(summary.parentElement.open ? null : summary.parentElement.id.slice("case-".length));
});

const visible = () => cases.filter(it => !it.node.hidden);
const move = (from, by) => {
  const all = visible();
  const at = all.findIndex(it => it.node === from);
  const next = all[at + by];
  next?.node.querySelector("summary").focus();
};
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const inField = event.target.closest("input, select, textarea");
  const summary = event.target.closest("details.case > summary");
  if (event.key === "/" && !inField) {
    event.preventDefault();
    form.elements.q.focus();
    form.elements.q.select();
  } else if (event.key === "Escape" && event.target === form.elements.q) {
    event.preventDefault();
    set({});
    apply();
    write();
  } else if (event.key === "ArrowDown" && event.target === form.elements.q) {
    event.preventDefault();
    visible()[0]?.node.querySelector("summary").focus();
  } else if (summary && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    move(summary.parentElement, event.key === "ArrowDown" ? 1 : -1);
  }
});

// What is printed tells the stories that have to be acted on.
addEventListener("beforeprint", () => {
  for (const it of visible()) {
    if (!["passed", "recorded", "unavailable"].includes(it.verdict)) { it.node.open = true; fill(it); }
  }
});

const theme = byId("theme");
const themes = ["system", "light", "dark"];
const stored = () => { try { return localStorage.getItem("torq-conformance-theme"); } catch { return null; } };
const wear = name => {
  if (name === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  theme.textContent = `Theme: ${name}`;
};
theme.hidden = false;
let worn = themes.includes(stored()) ? stored() : "system";
wear(worn);
theme.addEventListener("click", () => {
  worn = themes[(themes.indexOf(worn) + 1) % themes.length];
  wear(worn);
  try { localStorage.setItem("torq-conformance-theme", worn); } catch { /* A sandboxed viewer keeps nothing. */ }
});

read(true);
document.documentElement.dataset.ready = "yes";
