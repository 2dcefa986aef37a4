// The plots: every burst over time against its limit, every answer against its time window.
const WIDTH = 640;
const LEFT = 44;
const RIGHT = 14;

const seconds = value => {
  if (value === 0) return "0 s";
  if (value < 0.001) return `${+(value * 1e6).toPrecision(3)} µs`;
  if (value < 1) return `${+(value * 1000).toPrecision(4)} ms`;
  return `${+value.toFixed(3)} s`;
};

// Round steps for an axis from `low` to `high`.
const ticks = (low, high, wanted) => {
  const rough = (high - low) / wanted || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(it => it * power).find(it => it >= rough);
  const all = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step / 1e6; at += step) all.push(+at.toPrecision(12));
  return all;
};

const kindOf = (status, refused) => {
  if (status === null) return "lost";
  if (status === refused) return "refused";
  return status < 300 ? "accepted" : status < 500 ? "refused" : "lost";
};

// Cumulated answers over time, accepted and refused, with the line that the limit draws.
const burstPlot = burst => {
  const { points, limit } = burst;
  const refused = limit ? limit[2] : 429;
  const height = 220;
  const [top, bottom] = [16, 30];
  const last = Math.max(...points.map(it => it[1]), 0.001);
  const end = last * 1.04;
  const most = Math.max(points.length, limit ? limit[0] : 0);
  const x = time => LEFT + (WIDTH - LEFT - RIGHT) * time / end;
  const y = count => top + (height - top - bottom) * (1 - count / (most * 1.06));
  const sorted = [...points].sort((a, b) => a[1] - b[1]);
  const counts = {};
  const marks = [];
  const lines = { accepted: [[0, 0]], refused: [[0, 0]], lost: [[0, 0]] };
  for (const [, settled, status] of sorted) {
    const kind = kindOf(status, refused);
    const name = status === null ? "no answer" : String(status);
    counts[name] = (counts[name] ?? 0) + 1;
    const line = lines[kind];
    const count = line[line.length - 1][1] + 1;
    line.push([settled, count - 1], [settled, count]);
    marks.push(drawn("circle", { class: `k-${kind}`, cx: x(settled).toFixed(1), cy: y(count).toFixed(1), r: 3 }));
  }
  const parts = [];
  for (const tick of ticks(0, end, 6)) {
    parts.push(drawn("line", { class: "grid", x1: x(tick), x2: x(tick), y1: top, y2: height - bottom }));
    parts.push(drawn("text", { class: "tick", x: x(tick), y: height - 10, "text-anchor": "middle" }, seconds(tick)));
  }
  for (const tick of ticks(0, most, 4)) {
    parts.push(drawn("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(tick), y2: y(tick) }));
    parts.push(drawn("text", { class: "tick", x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end" }, String(tick)));
  }
  if (limit) {
    const [atMost, per] = limit;
    // As many as may be accepted up to each moment: one portion at once, another after each period.
    let path = `M${x(0)} ${y(atMost)}`;
    for (let time = per; time < end && atMost * (1 + time / per) <= most * 1.06; time += per) {
      const count = atMost * Math.round(time / per);
      path += `H${x(time).toFixed(1)}V${y(count + atMost).toFixed(1)}`;
    }
    parts.push(drawn("path", { class: "limit", d: `${path}H${WIDTH - RIGHT}` }));
  }
  for (const [kind, line] of Object.entries(lines)) {
    if (line.length < 2) continue;
    const [first, ...rest] = [...line, [last, line[line.length - 1][1]]].map(([time, count]) => `${x(time).toFixed(1)} ${y(count).toFixed(1)}`);
    parts.push(drawn("path", { class: `line k-${kind}`, d: `M${first}L${rest.join("L")}` }));
  }
  const said = Object.entries(counts).map(([name, count]) => `${count} × ${name}`).join(", ");
  const label = `${points.length} requests in ${seconds(last)}: ${said}${limit ? `; at most ${limit[0]} in ${seconds(limit[1])} may be accepted` : ""}`;
  return element("figure", { class: "plot" },
    drawn("svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": label }, ...parts, ...marks),
    element("figcaption", {}, ...legend(counts, refused), limit ? limitKey(limit) : null, element("span", {}, `answers over time, counted; ${label}`)));
};

const legend = (counts, refused) => Object.entries(counts).map(([name, count]) => {
  const kind = kindOf(name === "no answer" ? null : Number(name), refused);
  return element("span", { class: "key" }, drawn("svg", { viewBox: "0 0 10 10", "aria-hidden": "true" }, drawn("circle", { class: `k-${kind}`, cx: 5, cy: 5, r: 4 })), `${count} × ${name}`);
});

const limitKey = ([atMost, per]) => element("span", { class: "key" },
  drawn("svg", { viewBox: "0 0 24 10", class: "long", "aria-hidden": "true" }, drawn("path", { class: "limit", d: "M0 5H24" })), `limit: ${atMost} in ${seconds(per)}`);

// Where an answer fell between the two bounds of its window.
const windowPlot = shown => {
  const { after, before, came } = shown;
  const height = 92;
  const known = [after, before, ...came].filter(it => it !== null);
  let low = Math.min(...known, before === null || after === null ? 0 : Infinity);
  let high = Math.max(...known);
  const margin = (high - low || high || 1) * 0.25;
  low = Math.max(0, low - margin);
  high += margin;
  const x = time => LEFT + (WIDTH - LEFT - RIGHT) * (time - low) / (high - low);
  const [from, to] = [after ?? low, before ?? high];
  const late = before !== null && came[1] > before;
  const early = after !== null && came[0] < after && came[1] < after;
  const kind = late || early ? "lost" : "accepted";
  const parts = [drawn("rect", { class: "allowed", x: x(from), y: 28, width: Math.max(x(to) - x(from), 1), height: 30 })];
  for (const tick of ticks(low, high, 6)) {
    parts.push(drawn("line", { class: "grid", x1: x(tick), x2: x(tick), y1: 28, y2: 64 }));
    parts.push(drawn("text", { class: "tick", x: x(tick), y: 82, "text-anchor": "middle" }, seconds(tick)));
  }
  for (const [bound, name, line, isFirst] of [[after, "not before", 10, true], [before, "not after", 23, false]]) {
    if (bound === null) continue;
    parts.push(drawn("line", { class: "bound", x1: x(bound), x2: x(bound), y1: line + 3, y2: 64 }));
    // Outside of the window, so that no bound's line goes through the other's name; inside where there is no room.
    const left = isFirst ? x(bound) > 120 : x(bound) > WIDTH - 120;
    parts.push(drawn("text", { class: "bound-name", x: x(bound) + (left ? -5 : 5), y: line, "text-anchor": left ? "end" : "start" }, `${name} ${seconds(bound)}`));
  }
  const wide = Math.max(x(came[1]) - x(came[0]), 0);
  parts.push(wide > 6
    ? drawn("rect", { class: `came k-${kind}`, x: x(came[0]), y: 39, width: wide, height: 10, rx: 5 })
    : drawn("circle", { class: `came k-${kind}`, cx: x(came[1]), cy: 44, r: 6 }));
  const when = came[0] === came[1] ? `at ${seconds(came[1])}` : `between ${seconds(came[0])} and ${seconds(came[1])}`;
  const bounds = [after === null ? null : `not before ${seconds(after)}`, before === null ? null : `not after ${seconds(before)}`].filter(Boolean).join(" and ");
  const label = `The answer came ${when}; it had to come ${bounds}`;
  return element("figure", { class: "plot" },
    drawn("svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": label }, ...parts),
    element("figcaption", {}, element("span", {}, label)));
};
