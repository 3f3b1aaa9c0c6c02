/** The command palette: commands of the page, its tickets, the boards, and the pages of the application. */

import { get } from "../lib/api.js";
import { go } from "../lib/navigation.js";
import { openPicker } from "../lib/picker.js";
import { isServerAdmin, loggedIn } from "../lib/session.js";
import { folded } from "../model/filter.js";
import { boardPath } from "../model/route.js";

/** Tickets are listed once something is written, and at most so many. */
const TICKETS = 20;

/** @param page the page that is shown: its `commands` and `tickets` are listed, where it has them. */
export const openPalette = async (page) => {
  const commands = [...(page?.commands ?? []), ...general()];
  let boards = [];
  const ofBoards = () => boards.map(({ id, name }) => ({ title: name, note: "board", pick: () => go(boardPath(id)) }));
  const options = (text) => {
    const words = wordsOf(text);
    const matches = (one) => words.every((word) => folded(`${one.title} ${one.note ?? ""}`).includes(word));
    const tickets = words.length ? ticketsOf(page, words) : [];
    return [
      ...tickets.slice(0, 1).filter(({ exact }) => exact),
      ...ranked([...commands, ...ofBoards()].filter(matches), words),
      ...tickets.filter(({ exact }) => !exact),
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
    matches.push({ begins, title: `#${id} ${title}`, exact, pick: () => go(boardPath(board, id)) });
    if (matches.length === TICKETS) break;
  }
  return matches.sort(
    (one, other) => Number(other.exact) - Number(one.exact) || Number(other.begins) - Number(one.begins),
  );
};

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
