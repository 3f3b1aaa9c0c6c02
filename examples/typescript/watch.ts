// Watch a board: print each event once, also after lost connections and restarts of the server.
//   KANBAN_URL=http://127.0.0.1:8000 KANBAN_BOARD=1 node build/watch.js [CURSOR]

interface KanbanEvent { // the rest of it is in /events.schema.json
  event: string;
  seq: number;
  cursor: string;
  actor: string;
  data: Record<string, unknown>;
}

class Refused extends Error {}

const { KANBAN_URL: url = "http://127.0.0.1:8000", KANBAN_BOARD: board = "1", KANBAN_TOKEN: token } = process.env;
const SILENCE_MS = 60_000; // the server sends something at least every 30 seconds
const LONGEST_PAUSE_MS = 30_000;

/** The events after a cursor, until the connection ends. Throws Refused if the log can't be read from the cursor. */
async function* connection(after: string): AsyncGenerator<KanbanEvent> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), SILENCE_MS);
  try {
    const headers = { Accept: "text/event-stream", ...(token && { Authorization: `Bearer ${token}` }) };
    const query = new URLSearchParams({ after });
    const response = await fetch(`${url}/api/boards/${board}/events?${query}`, { headers, signal: abort.signal });
    const status = response.status;
    if (status >= 400 && status < 500 && status !== 429) throw new Refused(await response.text());
    if (!response.ok || !response.body) throw new Error(await response.text());
    let text = "";
    for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
      timer.refresh();
      const messages = (text + part).split("\n\n");
      text = messages.pop() ?? ""; // the message that has not ended yet
      for (const message of messages) {
        const data = message.split("\n").find((line) => line.startsWith("data: "));
        if (data) yield JSON.parse(data.slice("data: ".length)) as KanbanEvent;
      }
    }
  } finally {
    clearTimeout(timer);
    abort.abort(); // ends the request if the reader stops early
  }
}

/** All events after a cursor; "0" is the beginning of the log. Reconnects until the board is deleted. */
async function* watch(after = "0"): AsyncGenerator<KanbanEvent> {
  for (let pause = 100; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      for await (const event of connection(after)) {
        yield event;
        [after, pause] = [event.cursor, 100];
        if (event.event === "board_deleted") return;
      }
    } catch (error) {
      if (error instanceof Refused) throw error;
      console.error(`Reconnecting: ${error}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random() / 2)));
  }
}

for await (const event of watch(process.argv[2])) console.log(JSON.stringify(event));
