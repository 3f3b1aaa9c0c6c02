/** A sentence (see `model/sentence.js`) as what its parts are: names, links to tickets, values. */

import { el } from "../lib/el.js";
import { href } from "../lib/navigation.js";
import { boardPath } from "../model/route.js";

export const words = (parts, board) =>
  parts.map((part) => {
    if (typeof part === "string") return part;
    if (part.user !== undefined) return el("strong", {}, part.user);
    if (part.value !== undefined) return el("b", {}, part.value);
    if (part.ticket === null) return "this";
    return el(
      "a",
      { href: href(boardPath(board, part.ticket)) },
      `#${part.ticket}`,
      part.title ? ` ${part.title}` : "",
    );
  });
