// The story of a case: from one line of data to what its reader sees.
const pretty = text => {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
};

// Text with every occurrence of `found` marked.
const marked = (text, found) => {
  if (!found || found.length < 2 || !text.includes(found)) return [text];
  return text.split(found).flatMap((part, index) => index ? [element("mark", {}, found), part] : [part]);
};

// Two texts without what they have in common at both ends, so that the difference stands out.
const apart = (expected, found) => {
  let start = 0;
  while (start < expected.length && start < found.length && expected[start] === found[start]) start++;
  let end = 0;
  while (end < expected.length - start && end < found.length - start && expected[expected.length - 1 - end] === found[found.length - 1 - end]) end++;
  const split = (text, name) => {
    const middle = text.slice(start, text.length - end);
    return [text.slice(0, start), middle && element(name, {}, middle), end ? text.slice(-end) : ""];
  };
  return start + end < 3 ? [[element("del", {}, expected)], [element("ins", {}, found)]] : [split(expected, "del"), split(found, "ins")];
};

const payload = (headers, body, found) => {
  const lines = headers.flatMap(([name, value]) => [element("span", { class: "header" }, `${name}:`), " ", ...marked(value, found), "\n"]);
  return element("pre", { tabindex: "0" }, ...lines, body.text || body.rest ? "\n" : "", ...marked(pretty(body.text), found), body.rest ? element("span", { class: "place" }, `\n${body.rest}`) : null);
};

const exchange = (shown, several, found) => {
  const sent = element("div", { class: "side" },
    element("h5", {}, several ? `Sent (${shown.nth}.)` : "Sent"),
    element("p", { class: "line" }, element("b", {}, shown.method), " ", element("span", { class: "url" }, shown.url)),
    payload(shown.headers, shown.body, null));
  const tone = shown.status === null ? "bad" : shown.status < 400 ? "good" : "doubtful";
  const received = element("div", { class: "side" },
    element("h5", {}, "Came back"),
    element("p", { class: `line tone-${tone}` }, element("b", {}, shown.back)),
    shown.answer ? payload(shown.answer[0], shown.answer[1], found) : null);
  return element("div", { class: "exchange" }, sent, received);
};

const differences = all => all.length === 0 ? null : element("div", { class: "differences" },
  ...all.map(it => {
    const [expected, found] = apart(it.expected, it.found);
    return element("div", { class: "difference" },
      element("h5", {}, it.part, element("span", { class: "place" }, it.at)),
      element("dl", {}, element("div", {}, element("dt", {}, "expected"), element("dd", {}, ...expected)), element("div", {}, element("dt", {}, "found"), element("dd", {}, ...found))));
  }));

const command = (name, text, remark) => element("div", { class: "command" },
  element("span", { class: "name" }, name),
  element("code", { tabindex: "0" }, text, remark ? element("span", { class: "place" }, `  # ${remark}`) : null),
  copyButton(text));

const step = (told, number) => {
  const clean = told.differences.length + told.doubts.length === 0;
  const found = told.differences.map(it => it.found).find(it => !it.includes("…") && it !== "nothing");
  const several = told.shown.length + told.more > 1;
  return element("li", { class: clean ? "step" : "step unclean" },
    element("h4", {}, `${number}. ${told.title}`, element("span", { class: "place" }, told.at)),
    differences(told.differences),
    ...told.doubts.map(([reason, at]) => element("p", { class: "doubt" }, element("b", {}, "Could not tell: "), reason, element("span", { class: "place" }, at))),
    ...told.notes.map(note => element("p", { class: "note" }, note)),
    told.burst ? burstPlot(told.burst) : null,
    told.window ? windowPlot(told.window) : null,
    told.distribution ? element("p", {}, `Came back: ${told.distribution}`) : null,
    ...told.shown.map(shown => exchange(shown, several, found)),
    told.more ? element("p", { class: "place" }, `… and ${told.more} more like these; report.json has all of them.`) : null,
    told.again && told.shown.length ? command("again", told.again[0], told.again[1]) : null,
    told.yaml ? element("details", { class: "yaml", open: !clean }, element("summary", {}, `YAML of this step`), element("pre", { tabindex: "0" }, told.yaml)) : null);
};

const storyOf = (id, data, requirements) => {
  const demands = data.requirements.filter(it => requirements[it]).map(it => {
    const [level, grade, statement, page, section] = requirements[it];
    return element("li", {},
      element("p", {}, element("b", {}, level), " ", element("a", { href: `#q=${encodeURIComponent(it)}` }, element("code", {}, it)), " ", element("span", { class: `grade g-${grade}` }, grade)),
      element("blockquote", {}, statement),
      element("p", { class: "place" }, `${page}, ${section}`));
  });
  const facts = Object.entries(data.facts);
  return [
    data.reason ? element("p", { class: "reason" }, data.reason) : null,
    element("dl", { class: "about" },
      ...[["Written in", data.at], ["Positive twin", data.twin && `${data.twin[0]} (differs in the ${data.twin[1]})`], ["Repeats", data.repeats], ["Fingerprint", data.fingerprint], ["Took", seconds(data.seconds)]]
        .filter(([, value]) => value).map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)))),
    element("section", { "aria-label": "Demanded" }, element("h4", {}, "Demanded"), element("ul", { class: "demands" }, ...demands)),
    facts.length ? element("section", { "aria-label": "Facts" }, element("h4", {}, "Facts"), element("dl", { class: "about" }, ...facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))))) : null,
    data.steps.length ? element("ol", { class: "steps" }, ...data.steps.map((told, index) => step(told, index + 1))) : element("p", { class: "note" }, "Nothing was sent."),
    command("more", `torq-conformance explain ${id}`, null),
  ].filter(Boolean);
};
