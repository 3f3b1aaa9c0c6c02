/** What the user picks for tickets, by keys or from menus: a person, labels, a priority, a column. */

import { avatar } from "../controls/avatar.js";
import { labelTag } from "../controls/label-tag.js";
import { peopleOf } from "../lib/people.js";
import { openPicker } from "../controls/picker.js";
import { priorityGlyph } from "./priority.js";

const PRIORITIES = ["critical", "high", "medium", "low"];

export class TicketPickers {
  #live;
  #actions;

  constructor(live, actions) {
    this.#live = live;
    this.#actions = actions;
  }

  async assign(ids) {
    const people = await peopleOf(this.#live.id, this.#live.board.tickets.values());
    const current = this.#common(ids, "assignee");
    const named = people.map(({ name, stranger }) => ({
      title: name,
      note: stranger ? "not a member" : "",
      node: avatar(name, { hidden: true }),
      chosen: name === current,
      pick: () => this.#actions.assign(ids, name),
    }));
    const nobody = { title: "Nobody", chosen: current === null, pick: () => this.#actions.assign(ids, null) };
    openPicker(titled("Assign", ids), (text) =>
      withOther([...named, nobody], text, (name) => this.#actions.assign(ids, name)),
    );
  }

  label(ids) {
    const tickets = () => ids.map((id) => this.#live.board.tickets.get(id)).filter(Boolean);
    const counts = new Map();
    for (const ticket of this.#live.board.tickets.values())
      for (const name of ticket.labels ?? []) counts.set(name, (counts.get(name) ?? 0) + 1);
    const names = [...counts].sort((one, other) => other[1] - one[1]).map(([name]) => name);
    const chosen = new Set(names.filter((name) => tickets().every(({ labels }) => labels?.includes(name))));
    const pick = (name) => {
      const has = chosen.has(name);
      if (has) chosen.delete(name);
      else chosen.add(name);
      if (!names.includes(name)) names.unshift(name);
      this.#actions.label(ids, has ? { remove: [name] } : { add: [name] });
    };
    const options = () =>
      names.map((name) => ({ title: name, node: labelTag(name), chosen: chosen.has(name), pick: () => pick(name) }));
    openPicker(titled("Label", ids), (text) => withOther(options(), text, pick), { stays: true });
  }

  priority(ids) {
    const current = this.#common(ids, "priority");
    openPicker(titled("Priority of", ids), () =>
      PRIORITIES.map((name) => ({
        title: name,
        node: priorityGlyph(name, { hidden: true }),
        chosen: name === current,
        pick: () => this.#actions.setPriority(ids, name),
      })),
    );
  }

  move(ids) {
    const current = this.#common(ids, "current_column");
    openPicker(titled("Move", ids), () =>
      this.#live.columns.flatMap(({ name, limit, tickets }) => {
        const full = limit !== null && tickets.length >= limit && name !== current;
        const option = {
          title: name,
          note: full ? `full: ${tickets.length} of ${limit}` : "",
          chosen: name === current,
        };
        const to = (place) => () => this.#actions.moveAll(ids, { column: name, place });
        if (name !== current) return [{ ...option, pick: to("bottom") }];
        return [
          { ...option, title: `${name}, to the top`, pick: to("top") },
          { ...option, title: `${name}, to the bottom`, chosen: false, pick: to("bottom") },
        ];
      }),
    );
  }

  /** The value of a field that all have; undefined where they differ. */
  #common(ids, field) {
    const values = new Set(ids.map((id) => this.#live.board.tickets.get(id)?.[field] ?? null));
    return values.size === 1 ? [...values][0] : undefined;
  }
}

const titled = (what, ids) => (ids.length === 1 ? `${what} #${ids[0]}` : `${what} ${ids.length} tickets`);

/** The options, and the written text itself where it names none of them. */
const withOther = (options, text, pick) => {
  const name = text.trim();
  if (!name || options.some(({ title }) => title.toLowerCase() === name.toLowerCase())) return options;
  return [...options, { title: name, note: "new", pick: () => pick(name) }];
};
