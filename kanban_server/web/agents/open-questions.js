/** The unanswered questions on a board: the comment with the question, and the person asked. */

import { get } from "../lib/api.js";

const MENTION = /(?<![\p{L}\p{N}])@(?:"([^"\n]{1,64})"|([\p{L}\p{N}._/-]{1,64}))/gu;

export class OpenQuestions {
  /** Ticket id to the comment that asks; null before it is known. */
  #comments = new Map();
  #board;
  #onChange;

  /** @param {number} board @param {() => void} onChange is called once a question is known. */
  constructor(board, onChange) {
    this.#board = board;
    this.#onChange = onChange;
  }

  /** Take in events: a snapshot names the tickets with open questions, comments ask and answer. */
  receive(events) {
    for (const { event, data, snapshot, actor } of events) {
      if (event === "snapshot") {
        this.#comments.clear();
        for (const { id, open_question: comment } of snapshot.tickets) if (comment) this.#read(id, comment);
      } else if (event === "comment_added") {
        const asked = this.#comments.get(data.ticket_id);
        if (asked && asked.author !== actor && !data.asked?.length) this.#comments.delete(data.ticket_id);
        this.#look(data.ticket_id);
      } else if (event === "question_withdrawn") {
        this.#comments.delete(data.ticket_id);
      }
    }
  }

  /** The open questions on these tickets, the oldest first: `[{ticket, comment, people}]`. */
  list(tickets) {
    return [...this.#comments]
      .filter(([id, comment]) => comment && tickets.has(id))
      .map(([id, comment]) => ({ ticket: tickets.get(id), comment, people: askedPeople(comment, tickets.get(id)) }))
      .sort((one, other) => (one.comment.created_at < other.comment.created_at ? -1 : 1));
  }

  /** A question was answered here. */
  answered(id) {
    this.#comments.delete(id);
    this.#onChange();
  }

  /** Ask whether a ticket has an open question now. */
  async #look(id) {
    try {
      const { open_question: comment } = await get(`/api/tickets/${id}`);
      if (comment) await this.#read(id, comment);
      else if (this.#comments.delete(id)) this.#onChange();
    } catch {
      // it is looked at again with the next event
    }
  }

  async #read(id, comment) {
    try {
      const comments = await get(`/api/comments/ticket/${id}`);
      this.#comments.set(id, comments.find((one) => one.id === comment) ?? null);
      this.#onChange();
    } catch {
      // shown with the next snapshot
    }
  }
}

/** Whom a question asks; of an older one: who is mentioned, else who made the ticket. */
const askedPeople = ({ text }, { created_by: creator, asked }) => {
  if (asked?.length) return asked;
  const names = [...text.matchAll(MENTION)].map(([, quoted, plain]) => quoted ?? plain);
  return names.length ? [...new Set(names)] : [creator];
};
