// The stream of server-sent events, read with fetch: an EventSource could not carry the control token.

import { send } from "./api.js";

/** After how many milliseconds without a word the connection is given up. */
const SILENCE = 40_000;

/** Splits a stream of text into events. */
export function parser(tell) {
  let rest = "";
  return (text) => {
    rest += text;
    const blocks = rest.split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const event = { id: null, name: "message", data: "" };
      for (const line of block.split("\n")) {
        if (line.startsWith("id: ")) event.id = line.slice(4);
        else if (line.startsWith("event: ")) event.name = line.slice(7);
        else if (line.startsWith("data: ")) event.data += line.slice(6);
      }
      if (event.data) tell(event);
    }
  };
}

/** Follows a sandbox until it is told to stop, and comes back where it was when the connection breaks. */
export function follow({ told, connected, broken, gone }) {
  const stop = new AbortController();
  let last = null;
  let pause = 250;
  const run = async () => {
    while (!stop.signal.aborted) {
      const connection = new AbortController();
      stop.signal.addEventListener("abort", () => connection.abort(), { signal: connection.signal });
      let patience;
      // A server that is there says so more often than this.
      const heard = () => {
        clearTimeout(patience);
        patience = setTimeout(() => connection.abort(), SILENCE);
      };
      try {
        const options = { signal: connection.signal, headers: { Accept: "text/event-stream" } };
        if (last !== null) options.headers["Last-Event-ID"] = last;
        const response = await send("/events", options);
        if (response.status === 404) {
          gone();
          return;
        }
        if (!response.ok) throw new Error(`the server answered ${response.status}`);
        pause = 250;
        connected();
        const read = parser((event) => {
          last = event.id;
          told(event.name, JSON.parse(event.data));
        });
        const decoder = new TextDecoder();
        const reader = response.body.getReader();
        for (;;) {
          heard();
          const { done, value } = await reader.read();
          if (done) break;
          read(decoder.decode(value, { stream: true }));
        }
      } catch (error) {
        if (stop.signal.aborted) return;
        broken(error);
      } finally {
        clearTimeout(patience);
        connection.abort();
      }
      if (stop.signal.aborted) return;
      broken(null);
      await new Promise((done) => setTimeout(done, pause));
      pause = Math.min(pause * 2, 5000);
    }
  };
  run();
  return () => stop.abort();
}
