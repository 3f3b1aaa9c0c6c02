/** The command palette: commands of the page, tickets, the boards, and the pages of the application. */

import { get } from "../lib/api.js";
import { go } from "../lib/navigation.js";
import { openPicker } from "../controls/picker.js";
import { isServerAdmin, loggedIn } from "../lib/session.js";
import { folded } from "../model/filter.js";
import { boardPath } from "../model/route.js";

/** Tickets are listed once something is written, and at most so many. */
const TICKETS = 20;
/** The server is asked for tickets of all boards once nothing was typed for so many milliseconds. */
const PAUSE = 150;

/** @param page the page that is shown: its `commands` and `tickets` are listed, where it has them. */
export const openPalette = async (page) => {
  const commands = [...(page?.commands ?? []), ...general()];
  let boards = [];
  const ofBoards = () => boards.map(({ id, name }) => ({ title: name, note: "board", pick: () => go(boardPath(id)) }));
  const elsewhere = new TicketSearch(() => picker.refresh());
  const options = (text) => {
    const words = wordsOf(text);
    const matches = (one) => words.every((word) => folded(`${one.title} ${one.note ?? ""}`).includes(word));
    const tickets = words.length ? ticketsOf(page, words) : [];
    return [
      ...tickets.slice(0, 1).filter(({ exact }) => exact),
      ...ranked([...commands, ...ofBoards()].filter(matches), words),
      ...tickets.filter(({ exact }) => !exact),
      ...elsewhere.results(text.trim(), new Set(tickets.map(({ id }) => id))),
    ];
  };
  const request = get("/api/boards").then(
    (list) => (boards = list),
    () => {},
  );
  const picker = openPicker("Commands", options, { placeholder: "Type a command, a ticket or a board", narrow: false });
  await request;
  picker.refresh();
};

const wordsOf = (text) => folded(text.trim()).split(/\s+/).filter(Boolean);

/** The options whose title begins with what is written come first, then those with words that begin so. */
const ranked = (options, words) => {
  const rank = ({ title }) => {
    const parts = wordsOf(title);
    if (parts.join(" ").startsWith(words.join(" "))) return 0;
    return words.every((word) => parts.some((part) => part.startsWith(word))) ? 1 : 2;
  };
  return options
    .map((option) => ({ option, rank: rank(option) }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ option }) => option);
};

const ticketsOf = (page, words) => {
  const matches = [];
  for (const { id, title, board_id: board } of page?.tickets ?? []) {
    const text = folded(`#${id} ${title}`);
    if (!words.every((word) => text.includes(word))) continue;
    const exact = words.length === 1 && words[0].replace("#", "") === String(id);
    const begins = words.every((word) => text.split(/[\s#]+/).some((part) => part.startsWith(word)));
    matches.push({ id, begins, title: `#${id} ${title}`, exact, pick: () => go(boardPath(board, id)) });
    if (matches.length === TICKETS) break;
  }
  return matches.sort(
    (one, other) => Number(other.exact) - Number(one.exact) || Number(other.begins) - Number(one.begins),
  );
};

/** Tickets of all boards that the server finds for the text, each with the name of its board. */
class TicketSearch {
  #onChange;
  #text = "";
  #timer = 0;
  #found = [];

  /** @param {() => void} onChange is called once the server has answered. */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /** What was found for a text so far, without the tickets `known`. */
  results(text, known) {
    if (text !== this.#text) {
      this.#text = text;
      this.#found = [];
      clearTimeout(this.#timer);
      if (text) this.#timer = setTimeout(() => this.#search(text), PAUSE);
    }
    return this.#found
      .filter(({ id }) => !known.has(id))
      .map(({ id, title, board_id: board, board_name: note }) => {
        return { title: `#${id} ${title}`, note, pick: () => go(boardPath(board, id)) };
      });
  }

  async #search(text) {
    const query = { q: text.slice(0, 200), limit: TICKETS };
    const { items } = await get("/api/search", { query }).catch(() => ({ items: [] }));
    if (text !== this.#text) return;
    this.#found = items;
    this.#onChange();
  }
}

const general = () => [
  { title: "Go to the boards", keys: "g b", pick: () => go("/") },
  { title: "Go to the inbox", keys: "g i", pick: () => go("/inbox") },
  { title: "Go to my work", keys: "g m", pick: () => go("/my-work") },
  ...(isServerAdmin()
    ? [{ title: "Users and tokens", pick: () => go("/users") }]
    : loggedIn()
      ? [{ title: "Tokens and agents", pick: () => go("/users") }]
      : []),
  ...(loggedIn() ? [{ title: "Your profile", pick: () => go("/profile") }] : []),
];
