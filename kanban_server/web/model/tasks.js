/** The tasks of a Markdown text: list items that begin with a box. No DOM. */

const FENCE = /^\s{0,3}(```+|~~~+)/;
const TASK = /^(\s*(?:>\s*)*(?:(?:[-*+]|\d{1,9}[.)])\s+)+)\[([ xX])\] /;

/** The places of the boxes: indexes of the letter between the brackets, from the top. */
export const taskPlaces = (text) => {
  const places = [];
  let fence = null;
  let at = 0;
  for (const line of text.split("\n")) {
    const mark = FENCE.exec(line)?.[1];
    if (mark && (fence === null || mark.startsWith(fence))) fence = fence === null ? mark : null;
    const match = fence === null ? TASK.exec(line) : null;
    if (match) places.push(at + match[1].length + 1);
    at += line.length + 1;
  }
  return places;
};

/** The text with one task ticked, or no longer ticked; null where the task is not there. */
export const withTask = (text, number, done) => {
  const place = taskPlaces(text)[number];
  return place === undefined ? null : `${text.slice(0, place)}${done ? "x" : " "}${text.slice(place + 1)}`;
};
