/** A sentence (see `model/sentence.js`) as nodes: names, links to tickets, values, and the lines by which a text changed. */

import { el } from "../lib/el.js";
import { href } from "../lib/navigation.js";
import { displayName } from "../lib/people.js";
import { diffLines } from "../model/diff.js";
import { boardPath } from "../model/route.js";

export const sentenceNodes = (parts, board) =>
  parts.map((part) => {
    if (typeof part === "string") return part;
    if (part.user !== undefined) return el("strong", { title: displayName(part.user) }, part.user);
    if (part.value !== undefined) return el("b", { dir: "auto" }, part.value);
    if (part.diff !== undefined) return diff(part.diff);
    if (part.ticket === null) return "this";
    return el(
      "a",
      { href: href(boardPath(board, part.ticket)) },
      `#${part.ticket}`,
      part.title ? ` ${part.title}` : "",
    );
  });

const diff = ({ from, to }) => {
  const lines = diffLines(from ?? "", to ?? "");
  if (!lines) return null;
  const count = (sign) => lines.filter((line) => line.sign === sign).length;
  const names = { "+": "added", "-": "removed", " ": "" };
  return el(
    "details",
    { class: "diff" },
    el("summary", {}, `+${count("+")} −${count("-")}`),
    el(
      "pre",
      { dir: "auto" },
      lines.map(({ sign, text }) => el("span", { class: `diff-line ${names[sign]}` }, `${sign} ${text}\n`)),
    ),
  );
};
