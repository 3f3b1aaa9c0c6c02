/** Who works on a board: claims with their age and the holder's presence, open questions, and what was done today. */

import "../bar/connection-state.js";
import { get, post } from "../lib/api.js";
import { avatar } from "../controls/avatar.js";
import { el, fill } from "../lib/el.js";
import { href } from "../lib/navigation.js";
import { actionButton, boardCrumbs, emptyState, section, sheet } from "../lib/page-parts.js";
import { setTitle } from "../lib/title.js";
import { isMine } from "../lib/user.js";
import { attempt } from "../live/attempt.js";
import { LiveBoard } from "../live/live-board.js";
import { Presence } from "../live/presence.js";
import { visible } from "../model/invisible-characters.js";
import { boardPath } from "../model/route.js";
import { ago, duration, today } from "../model/time.js";
import { OpenQuestions } from "./open-questions.js";
import { questionItem } from "./question-item.js";

const TICK = 5_000;

class AgentsPage extends HTMLElement {
  #live = null;
  #presence = null;
  #questions = null;
  /** Ticket to when it was claimed. */
  #since = new Map();
  #crumbs = boardCrumbs("Agents and questions");
  #connection = el("connection-state");
  #holders = el("ul", { class: "agent-list" });
  #asking = el("ol", { class: "inbox-list" });
  #human = el("ul", { class: "work-list" });
  #done = el("ul", { class: "work-list" });
  #clock = null;

  crumbs = this.#crumbs.nodes;
  tools = [this.#connection];

  connectedCallback() {
    this.#clock = setInterval(() => this.#draw(), TICK);
    fill(
      this,
      sheet(
        "Agents and questions",
        null,
        section("Waits for a person", "Questions without an answer.", this.#asking),
        section(
          "At work",
          "Who holds what. A claim whose holder is away ends by itself when its time is over.",
          this.#holders,
        ),
        section("Needs a person", "Claims ran out three times: agents leave these alone.", this.#human),
        section("Done today", "", this.#done),
      ),
    );
  }

  disconnectedCallback() {
    clearInterval(this.#clock);
    this.#live?.stop();
  }

  show({ board }) {
    if (board === this.#live?.id) return;
    this.#live?.stop();
    const live = new LiveBoard(board);
    this.#live = live;
    this.#since.clear();
    this.#questions = new OpenQuestions(board, () => this.#draw());
    this.#presence = new Presence(live);
    this.#presence.addEventListener("change", () => this.#draw());
    this.#connection.watch(live);
    live.addEventListener("change", ({ detail }) => {
      this.#receive(detail.events);
      this.#draw();
    });
    live.addEventListener("state", () => this.#showProblem());
    setTitle("Agents and questions");
    live.start();
  }

  #receive(events) {
    for (const event of events) if (event.event === "ticket_claimed") this.#since.set(event.data.id, event.timestamp);
    this.#questions.receive(events);
  }

  #showProblem() {
    const { name, problem } = this.#live.state;
    if (name !== "ended" || !problem) return;
    const link = el("a", { class: "button", href: href("/") }, "All boards");
    fill(this, emptyState(problem.type === "not-found" ? "There is no such board" : problem.detail, "", link));
  }

  #draw() {
    const { board, tickets } = this.#live.board;
    if (!board.id || this.contains(document.activeElement?.closest?.("textarea") ?? null)) return;
    this.#crumbs.show(board.id, visible(board.name));
    const all = [...tickets.values()];
    const held = all.filter(({ claim }) => claim);
    fill(this.#holders, held.length ? this.#byHolder(held) : nothing("Nobody holds a ticket."));
    const questions = this.#questions.list(tickets);
    const item = (one) => questionItem(one, this.#live, () => this.#questions.answered(one.ticket.id));
    fill(this.#asking, questions.length ? questions.map(item) : nothing("No question is open."));
    const human = all.filter(({ labels }) => labels?.includes("needs-human"));
    fill(this.#human, human.length ? human.map((ticket) => this.#row(ticket)) : nothing("Nothing."));
    const isToday = (ticket) => this.#live.facts.done(ticket) && today(new Date(ticket.column_entered_at)) === today();
    const done = all.filter(isToday).sort((one, other) => (one.column_entered_at < other.column_entered_at ? 1 : -1));
    fill(this.#done, done.length ? done.map((ticket) => this.#row(ticket)) : nothing("Nothing yet."));
  }

  #byHolder(held) {
    const holders = Map.groupBy(held, ({ claim }) => claim.holder);
    return [...holders].map(([holder, tickets]) => {
      const user = this.#presence.users.find(({ username }) => username === holder);
      const alive = Boolean(user?.client_id);
      const state = alive ? "connected" : "not connected";
      return el(
        "li",
        { class: "agent" },
        avatar(holder, { hidden: true, class: alive ? "large" : "large away" }),
        el(
          "div",
          { class: "grow" },
          el("p", {}, el("strong", {}, holder), el("span", { class: `presence ${alive ? "alive" : ""}` }, state)),
          el(
            "ul",
            { class: "work-list" },
            tickets.map((ticket) => this.#heldRow(ticket)),
          ),
        ),
      );
    });
  }

  #heldRow(ticket) {
    const { id, claim } = ticket;
    const left = this.#live.leases.left(id);
    const since = this.#since.get(id);
    if (!since) this.#askSince(id);
    const times = [
      since && `claimed ${ago(since, this.#live.now())}`,
      left === null ? "until released" : `${duration(left / 1000)} left`,
    ];
    const take = () =>
      attempt("You do not hold it", () => post(`/api/tickets/${id}/claim`, { force: true }), this.#live.now());
    const button = actionButton("Take over", take, "small plain");
    button.setAttribute("aria-label", `Take over #${id}`);
    return el(
      "li",
      {},
      this.#link(ticket),
      el("span", { class: "grow" }),
      el("span", { class: "muted number" }, times.filter(Boolean).join(" · ")),
      !isMine(claim.holder) && button,
    );
  }

  async #askSince(id) {
    this.#since.set(id, null);
    try {
      const { attempts } = await get(`/api/tickets/${id}`);
      const current = attempts?.findLast((one) => !one.ended_at);
      if (current) this.#since.set(id, current.claimed_at);
      this.#draw();
    } catch {
      // the page shows it without
    }
  }

  #row(ticket) {
    const who = ticket.assignee ?? ticket.updated_by;
    const since = el("span", { class: "muted" }, ago(ticket.column_entered_at, this.#live.now()));
    return el(
      "li",
      {},
      avatar(who, { hidden: true }),
      this.#link(ticket),
      el("span", { class: "grow" }),
      el("span", {}, who),
      since,
    );
  }

  #link({ id, title }) {
    return el(
      "a",
      { href: href(boardPath(this.#live.id, id)), dir: "auto" },
      el("span", { class: "number muted" }, `#${id} `),
      title,
    );
  }
}

const nothing = (text) => el("li", { class: "muted" }, text);

customElements.define("agents-page", AgentsPage);
