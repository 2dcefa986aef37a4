// How times, verdicts and bodies are written.

/** `12:34:56.789`, as the sandbox's clock says it. */
export function time(text) {
  const match = /T(\d\d:\d\d:\d\d)(\.\d{1,3})?/.exec(text ?? "");
  return match ? match[1] + (match[2] ?? "") : "–";
}

/** A date and a time to the millisecond, in UTC. */
export const moment = (millis) => {
  const date = new Date(millis);
  return Number.isNaN(date.valueOf()) ? "–" : date.toISOString().replace("T", " ").replace("Z", "");
};

/** A length of time in seconds, as short as it can be said. */
export const seconds = (millis) => `${(Math.max(0, millis) / 1000).toFixed(millis % 1000 === 0 ? 0 : 1)} s`;

/** What became of a request: a word and the kind of chip it is shown in. */
export function verdict(request) {
  if (request.provenance === "injected-fault" || request.provenance === "fault") return ["fault", "held"];
  if (request.outcome === "refused") return ["refused", "bad"];
  if (request.answer === null) return ["held", "held"];
  return ["accepted", "good"];
}

/** What it was answered, in a word. */
export function answered(request) {
  const answer = request.answer;
  if (answer === null) return "…";
  if (answer.status) return String(answer.status);
  return answer.caller_gone ? "gone" : "auto";
}

/** The kind of chip a status code is shown in. */
export function statusKind(text) {
  if (/^2/.test(text)) return "good";
  return /^[345]/.test(text) ? "bad" : "held";
}

/** The kind of chip the status of an execution is shown in. */
export function executionKind(status) {
  return { SUCCESS: "good", FAILED: "bad", DROPPED: "bad", STOPPED: "bad" }[status] ?? "held";
}

/** A body in the way it is read best. */
export function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** What a request was sent to, for lists: by the names of the configuration, or else as its path. */
export const called = ({ integration, workflow, path }) => (workflow && integration ? `${integration} / ${workflow}` : integration ?? shortPath(path));

/** A path without the middle of its ids. */
const shortPath = (path) => path.replace(/([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, "$1…");
