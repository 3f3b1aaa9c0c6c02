/** The boards that the user has starred, in this browser. */

import { keep, setting } from "./settings.js";
import { userName } from "./user.js";

const name = () => `stars:${userName()}`;

const stars = () => new Set(JSON.parse(setting(name(), "[]")));

export const isStarred = (board) => stars().has(board);

export const toggleStar = (board) => {
  const boards = stars();
  if (!boards.delete(board)) boards.add(board);
  keep(name(), boards.size ? JSON.stringify([...boards]) : null);
};
