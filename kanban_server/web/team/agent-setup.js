/** The lines that connect an agent program to a board, to be copied into a shell. */

import { address } from "../lib/base.js";
import { el, fill } from "../lib/el.js";
import { field, secretBox, selectField } from "../lib/page-parts.js";

const PROGRAMS = {
  claude: "Claude Code",
  codex: "Codex",
  cursor: "Cursor",
  gemini: "Gemini CLI",
  generic: "Another program (AGENTS.md)",
};

/** The address of the server, as a shell takes it. */
export const serverUrl = () => address("/").href.replace(/\/$/, "");

/**
 * The setup line for each agent program.
 *
 * @param {{board: number, name: string, link?: string}} agent `link`: of an invite; without one the server has no users.
 */
export const agentSetup = ({ board, name, link }) => {
  const user = quoted(name || "agent");
  const begin = link
    ? `kanban join ${quoted(link)} -u ${user}`
    : `export KANBAN_URL=${quoted(serverUrl())} KANBAN_USER=${user}`;
  const line = (program) => `${begin} && kanban init -b ${board} && kanban setup ${program}`;
  const box = el("div");
  const choice = selectField(PROGRAMS, "claude");
  const show = () => fill(box, secretBox("Setup line", line(choice.value)));
  choice.addEventListener("change", show);
  show();
  return el("div", { class: "setup" }, field("Agent program", choice), box);
};

const quoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);
