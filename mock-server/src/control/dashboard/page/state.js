// What is known of the sandbox that is looked at: bounded, and changed by events only.

/** Requests and executions that are kept; older ones are in the journal. */
const KEPT = 500;

export const state = {
  requests: new Map(),
  executions: new Map(),
  received: 0,
  clock: { mode: "manual", now: null, held: 0 },
  /** The moment of this machine at which the clock was told, for one that runs by itself. */
  toldAt: 0,
};

/** Knows nothing any more. */
export function forget() {
  state.requests = new Map();
  state.executions = new Map();
  state.received = 0;
}

/** Takes in what came before the first event. What events have told meanwhile is newer, and stays. */
export function before(requests, executions) {
  for (const request of requests.requests) if (!state.requests.has(request.seq)) state.requests.set(request.seq, request);
  for (const execution of executions.executions) if (!state.executions.has(execution.id)) state.executions.set(execution.id, execution);
  state.received = Math.max(state.received, requests.received);
}

export function clockTold(clock) {
  state.clock = clock;
  state.toldAt = performance.now();
}

export function requestTold(request) {
  state.requests.set(request.seq, request);
  state.received = Math.max(state.received, request.seq + 1);
  trim(state.requests);
}

export function executionTold(execution) {
  state.executions.set(execution.id, execution);
  trim(state.executions);
}

function trim(map) {
  while (map.size > KEPT) map.delete(map.keys().next().value);
}

/** The sandbox's time in milliseconds. */
export function now() {
  const told = Date.parse(state.clock.now ?? "1970-01-01T00:00:00Z");
  return state.clock.mode === "system" ? told + (performance.now() - state.toldAt) : told;
}

/** Newest first. */
export const requests = () => [...state.requests.values()].sort((one, other) => other.seq - one.seq);
export const executions = () => [...state.executions.values()].reverse().sort((one, other) => other.created_at.localeCompare(one.created_at));

/** The numbers of the requests that started executions, by execution, as far as they are known. */
export function startedBy() {
  const started = new Map();
  for (const request of state.requests.values()) for (const execution of request.executions) started.set(execution, request.seq);
  return started;
}

/** Calls that wait for their answer, with the executions that some of them wait for. */
export function heldCalls() {
  return requests()
    .filter((request) => request.answer === null)
    .map((request) => ({ request, execution: state.executions.get(request.executions[0]) }))
    .reverse();
}
