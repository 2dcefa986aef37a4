// What a client does all day, and what its tests do to the mock: Node, without any package.
//
//   torq-mock serve --clock manual &
//   node client.mjs                  # or CONTROL=http://127.0.0.1:7081 node client.mjs

import assert from "node:assert/strict";

const CONTROL = process.env.CONTROL ?? "http://127.0.0.1:7081";

/** Status and JSON of an answer, whatever its status. */
async function call(method, url, body, headers = {}) {
  const answer = await fetch(url, {
    method,
    headers: { "Content-Type": "application/json", Accept: "application/json", ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return [answer.status, JSON.parse((await answer.text()) || "null")];
}

// Tests get a world of their own: its clock stands still, nobody else's requests are in its journal.
const [made, sandbox] = await call("POST", `${CONTROL}/sandboxes`, { clock: "manual", ttl: "10m" });
assert.equal(made, 201, JSON.stringify(sandbox));
const { profile } = sandbox;
const of = `?sandbox=${sandbox.id}`;

/** The Asynchronous URL of a workflow. */
function url(workflow) {
  const entry = profile.workflows[workflow];
  return `${profile.urls.hooks}/v1/webhooks/${profile.integrations[entry.integration].id}/workflows/${entry.id}`;
}

// A synchronous call that outlives 50 s: held now, and answered as soon as the clock says so.
const calling = call("POST", `${url("slow")}/sync`, { seconds: 70 });
const [, moved] = await call("POST", `${CONTROL}/clock${of}`, { advance: "50s", when: { held: 1 } });
assert.equal(moved.answered, 1);
const [status, body] = await calling;
assert.equal(status, 201);

// Twenty seconds later it is complete.
await call("POST", `${CONTROL}/clock${of}`, { advance: "20s" });
const [, execution] = await call("GET", `${CONTROL}/executions/${body.execution_id}${of}`);
assert.equal(execution.status, "SUCCESS");

// What was refused is explained in the journal: here, a secret with a scheme before it.
const [header] = profile.integrations.guarded.headers;
const [refusal] = await call("POST", url("guarded"), {}, { [header.name]: `Bearer ${header.secret}` });
assert.equal(refusal, 400);
const [, journal] = await call("GET", `${CONTROL}/requests${of}&outcome=refused`);
const [refused] = journal.requests;
assert.deepEqual(refused.mistakes, ["something-before"]);

// It can be sent again, as it came, and whoever watches the stream of events is told of that too.
const [, again] = await call("POST", `${CONTROL}/requests/${refused.seq}/replay${of}`);
assert.equal(again.replay_of, refused.seq);
const watching = new AbortController();
const stream = await fetch(`${CONTROL}/events${of}&after=0`, { signal: watching.signal });
let told = "";
for await (const chunk of stream.body.pipeThrough(new TextDecoderStream())) {
  told += chunk;
  if (told.includes(`"replay_of":${refused.seq}`)) break;
}
watching.abort();

// What waits for somebody's approval gets it from the test, with an output of its choice.
const asking = call("POST", `${url("held")}/sync`, {});
const [, waited] = await call("GET", `${CONTROL}/wait${of}&held=1`);
assert.equal(waited.matched, true);
const [, newest] = await call("GET", `${CONTROL}/executions${of}&limit=1`);
await call("POST", `${CONTROL}/executions/${newest.executions[0].id}/release${of}`, { output: { approved: true } });
assert.deepEqual(await asking, [200, { approved: true }]);

// With a deliberate fault a test shows that the client notices: here, a fallback that says 200.
await call("PUT", `${CONTROL}/faults${of}`, { faults: ["fallback-with-200"] });
const failing = call("POST", `${url("slow")}/sync`, { seconds: 70 });
await call("POST", `${CONTROL}/clock${of}`, { advance: "50s", when: { held: 1 } });
assert.equal((await failing)[0], 200);
await call("PUT", `${CONTROL}/faults${of}`, { faults: [] });

await call("DELETE", `${CONTROL}/sandboxes/${sandbox.id}`);
console.log(`201 after 50 s, SUCCESS after 70 s, refused by ${refused.gate}: ${refused.reason}`);
console.log("replayed and told of, approved by hand, 200 with a fault");
