/** Inviting agents and people: a link that is good once. */

import { post } from "../lib/api.js";
import { openDialog } from "../controls/dialog.js";
import { el } from "../lib/el.js";
import { field, secretBox, selectField } from "../lib/page-parts.js";
import { loggedIn } from "../lib/session.js";
import { whole } from "../model/time.js";
import { agentSetup, serverUrl } from "./agent-setup.js";

const HOURS = { 1: "1 hour", 24: "1 day", 168: "1 week" };

/** Invite an agent to a board. On a server without users nothing has to be invited: the setup line is shown at once. */
export const inviteAgent = (board) => {
  const name = el("input", { class: "input", maxlength: 64, value: "builder", spellcheck: "false" });
  if (!loggedIn()) return showSetup(board, "builder");
  const access = selectField({ write: "Work with tickets", read: "Read and watch" }, "write");
  const only = el("input", { type: "checkbox", checked: true });
  const hours = selectField(HOURS, "24");
  const submit = async () => {
    const scope = only.checked ? { boards: [board] } : {};
    const body = {
      kind: "agent",
      name: name.value.trim() || null,
      access: access.value,
      hours: Number(hours.value),
      ...scope,
    };
    const invite = await post("/api/invites", body);
    showSetup(board, name.value.trim(), invite);
    return true;
  };
  const content = [
    el("p", { class: "muted" }, "The agent is yours: it sees your boards and never has more rights than you."),
    field("Name", name),
    field("It may", access),
    el("label", { class: "check" }, only, "On this board only"),
    field("The link is good for", hours),
  ];
  openDialog("Invite an agent", content, { does: "Make the link", submit });
};

/** Invite a person to the server. Only an admin may. */
export const invitePerson = () => {
  const name = el("input", { class: "input", maxlength: 64, placeholder: "They choose it themselves" });
  const role = selectField({ user: "User", viewer: "Viewer", admin: "Admin of the server" }, "user");
  const hours = selectField(HOURS, "168");
  const submit = async () => {
    const body = { kind: "person", name: name.value.trim() || null, role: role.value, hours: Number(hours.value) };
    const invite = await post("/api/invites", body);
    const note = "They open it in a browser and get a token of their own. Then make them a member of a board.";
    showOnce("Invite a person", note, invite, [secretBox("Link", linkOf(invite))]);
    return true;
  };
  openDialog("Invite a person", [field("Name", name), field("Role", role), field("The link is good for", hours)], {
    does: "Make the link",
    submit,
  });
};

const linkOf = ({ secret }) => `${serverUrl()}/join#${secret}`;

const showSetup = (board, name, invite = null) => {
  const link = invite && linkOf(invite);
  const note = "Run this line in the folder of the project that the agent works in.";
  showOnce("Set the agent up", note, invite, [agentSetup({ board, name, link }), link && secretBox("Link", link)]);
};

const showOnce = (title, note, invite, content) =>
  openDialog(
    title,
    [
      el("p", { class: "muted" }, note),
      invite &&
        el(
          "p",
          { class: "muted" },
          `The link is shown this once, is good once, and until ${whole(invite.expires_at)}.`,
        ),
      content,
    ],
    { does: "Done", submit: async () => true, class: "wide-dialog" },
  );
