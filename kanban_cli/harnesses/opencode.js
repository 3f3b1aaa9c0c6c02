// Written by `kanban setup opencode`: runs `kanban hook` at the events of a session. `kanban setup opencode --remove`
// removes it. Written for the plug-in interface of opencode 1.18.
import { spawn } from "node:child_process";

const COMMAND = "KANBAN";
const GATE = ["GATE"];
const MILLISECONDS = 5000;

/** Run a hook. The answer is empty if `kanban` is missing, fails or takes too long. */
function hook(event, payload) {
  const options = event === "before-tool" ? GATE : [];
  return new Promise((resolve) => {
    const child = spawn(COMMAND, ["hook", event, "--for", "opencode", ...options], {
      cwd: payload.cwd,
      stdio: ["pipe", "pipe", "ignore"],
      timeout: MILLISECONDS,
    });
    let output = "";
    child.stdout.on("data", (piece) => (output += piece));
    child.on("error", () => resolve({}));
    child.on("close", () => {
      try {
        resolve(JSON.parse(output || "{}"));
      } catch {
        resolve({});
      }
    });
    child.stdin.on("error", () => {});
    child.stdin.end(JSON.stringify(payload));
  });
}

export const KanbanPlugin = async ({ directory }) => {
  const briefings = new Map();
  const base = (session) => ({ session_id: session, cwd: directory });
  return {
    event: async ({ event }) => {
      const session = event.properties?.info?.id ?? event.properties?.sessionID;
      if (event.type === "session.deleted" && session) {
        briefings.delete(session);
        await hook("end", { ...base(session), reason: event.type });
      }
      if (event.type === "session.compacted" && session) {
        briefings.delete(session);
      }
    },
    "experimental.chat.system.transform": async (input, output) => {
      const session = input.sessionID;
      if (!session) return;
      if (!briefings.has(session)) {
        briefings.set(session, (await hook("start", { ...base(session), source: "session" })).context);
      }
      if (briefings.get(session)) output.system.push(briefings.get(session));
    },
    "shell.env": async (input, output) => {
      if (input.sessionID && !output.env.KANBAN_SESSION && !process.env.KANBAN_SESSION) {
        output.env.KANBAN_SESSION = input.sessionID;
      }
    },
    "tool.execute.before": async (input, output) => {
      const call = { tool_name: input.tool, tool_input: output.args };
      const { refusal } = await hook("before-tool", { ...base(input.sessionID), ...call });
      if (refusal) throw new Error(refusal);
    },
    "tool.execute.after": async (input, output) => {
      const call = { tool_name: input.tool, tool_input: input.args ?? {}, tool_response: output.output };
      const { context } = await hook("after-tool", { ...base(input.sessionID), ...call });
      if (context && typeof output.output === "string") output.output += `\n\n${context}`;
    },
  };
};
