/** A question that waits for a person, with a field for the answer. */

import { post } from "../lib/api.js";
import { avatar } from "../controls/avatar.js";
import { el } from "../lib/el.js";
import { href } from "../lib/navigation.js";
import { attemptQuietly } from "../lib/page-parts.js";
import { isMine } from "../lib/user.js";
import { boardPath } from "../model/route.js";
import { ago, whole } from "../model/time.js";
import { markdown } from "../ticket/markdown.js";

/** @param live the board; see `LiveBoard` @param {() => void} answered is called once an answer is sent. */
export const questionItem = ({ ticket, comment, people }, live, answered) => {
  const { author, text, created_at: at } = comment;
  const whom = people.map((name) => (isMine(name) ? "you" : name)).join(", ");
  const input = el("textarea", {
    class: "input",
    rows: 1,
    dir: "auto",
    placeholder: "Answer",
    "aria-label": `Answer on #${ticket.id}`,
  });
  const send = async (event) => {
    event.preventDefault();
    if (!input.value.trim()) return;
    input.readOnly = true;
    const sent = await attemptQuietly(() => post("/api/comments", { ticket_id: ticket.id, text: input.value }));
    input.readOnly = false;
    if (!sent) return;
    input.blur();
    answered();
  };
  const button = el("button", { class: "button primary small", type: "submit" }, "Answer");
  return el(
    "li",
    { class: "inbox-item", dataset: { kind: "ask" } },
    avatar(author, { hidden: true }),
    el(
      "article",
      { "aria-label": `${author} asks ${whom}` },
      el(
        "header",
        {},
        el("strong", {}, author),
        ` asks ${whom} on `,
        el("a", { href: href(boardPath(live.id, ticket.id)), dir: "auto" }, `#${ticket.id} ${ticket.title}`),
        el("time", { class: "muted", datetime: at, title: whole(at) }, ago(at, live.now())),
      ),
      markdown(text, { board: live.id }),
      el("form", { class: "inbox-answer", onsubmit: send }, input, el("div", { class: "row" }, button)),
    ),
  );
};
