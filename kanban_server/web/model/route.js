/** Addresses of the board, read and written. */

/** @type {[RegExp, (...ids: string[]) => object][]} */
const PATTERNS = [
  [/^\/$/, () => ({ page: "boards" })],
  [/^\/board\/(\d{1,15})$/, (board) => ({ page: "board", board: Number(board), ticket: null })],
  [
    /^\/board\/(\d{1,15})\/ticket\/(\d{1,15})$/,
    (board, ticket) => ({ page: "board", board: Number(board), ticket: Number(ticket) }),
  ],
  [/^\/board\/(\d{1,15})\/figures$/, (board) => ({ page: "figures", board: Number(board) })],
  [/^\/login$/, () => ({ page: "login" })],
  [/^\/join$/, () => ({ page: "join" })],
  [/^\/profile$/, () => ({ page: "profile" })],
];

/** What an address (`/board/2?label=x`) shows: `{page, board?, ticket?, query}`; page `missing` where it is none of ours. */
export const read = (address) => {
  const [path, query = ""] = address.split("?");
  const plain = path.replace(/\/+$/, "") || "/";
  for (const [pattern, route] of PATTERNS) {
    const found = pattern.exec(plain);
    if (found) return { ...route(...found.slice(1)), query };
  }
  return { page: "missing", query };
};

/** The address of a board, or of a ticket on it, with the query of a filter. */
export const boardPath = (board, ticket = null, query = "") =>
  `/board/${board}${ticket === null ? "" : `/ticket/${ticket}`}${query ? `?${query}` : ""}`;

/** The address of a board's figures. */
export const figuresPath = (board) => `/board/${board}/figures`;
