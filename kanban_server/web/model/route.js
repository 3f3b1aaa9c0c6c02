/** Addresses of the board, read and written. */

const onBoard = (page) => (board) => ({ page, board: Number(board) });

/** @type {[RegExp, (...ids: string[]) => object][]} */
const PATTERNS = [
  [/^\/$/, () => ({ page: "boards" })],
  [/^\/board\/(\d{1,15})$/, (board) => ({ page: "board", board: Number(board), ticket: null })],
  [
    /^\/board\/(\d{1,15})\/ticket\/(\d{1,15})$/,
    (board, ticket) => ({ page: "board", board: Number(board), ticket: Number(ticket) }),
  ],
  [/^\/board\/(\d{1,15})\/figures$/, onBoard("figures")],
  [/^\/board\/(\d{1,15})\/agents$/, onBoard("agents")],
  [/^\/board\/(\d{1,15})\/archive$/, onBoard("archive")],
  [/^\/board\/(\d{1,15})\/team$/, onBoard("team")],
  [/^\/inbox$/, () => ({ page: "inbox" })],
  [/^\/my-work$/, () => ({ page: "work" })],
  [/^\/users$/, () => ({ page: "users" })],
  [/^\/login$/, () => ({ page: "login" })],
  [/^\/join$/, () => ({ page: "join" })],
  [/^\/profile$/, () => ({ page: "profile" })],
];

/** What an address (`/board/2?label=x`) shows: `{page, board?, ticket?, query}`; page `missing` where it is none of ours. */
export const read = (address) => {
  const [path, query = ""] = address.split("?");
  const plain = path.replace(/\/+$/, "") || "/";
  for (const [pattern, route] of PATTERNS) {
    const match = pattern.exec(plain);
    if (match) return { ...route(...match.slice(1)), query };
  }
  return { page: "missing", query };
};

/** The address of a board, or of a ticket on it, with the query of a filter. */
export const boardPath = (board, ticket = null, query = "") =>
  `/board/${board}${ticket === null ? "" : `/ticket/${ticket}`}${query ? `?${query}` : ""}`;

/** The address of a board's figures. */
export const figuresPath = (board) => `/board/${board}/figures`;

/** The address of the page that shows who works on a board, and which tickets wait for a person. */
export const agentsPath = (board) => `/board/${board}/agents`;

/** The address of a board's archived and deleted tickets. */
export const archivePath = (board) => `/board/${board}/archive`;

/** The address of a board's members, invites and webhooks. */
export const teamPath = (board) => `/board/${board}/team`;
