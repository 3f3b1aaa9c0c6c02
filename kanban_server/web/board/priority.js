/** A priority as a glyph: three bars that fill up, a sign for the highest, a dotted number as it is. */

import { el, svg } from "../lib/el.js";

const BARS = { low: 1, medium: 2, high: 3 };

export const priorityGlyph = (priority, { hidden = false } = {}) => {
  const named = { class: `priority ${priority in BARS || priority === "critical" ? priority : "number"}` };
  const label = hidden
    ? { "aria-hidden": "true" }
    : { role: "img", "aria-label": `priority ${priority}`, title: `Priority ${priority}` };
  if (priority === "critical") return svg("svg", { ...named, ...label, viewBox: "0 0 14 14" }, ...sign());
  if (!(priority in BARS)) return el("span", { ...named, ...label }, priority);
  const bars = [1, 2, 3].map((n) =>
    svg("rect", {
      x: n * 4 - 3,
      y: 11 - n * 3,
      width: 2.8,
      height: n * 3,
      rx: 0.9,
      class: n <= BARS[priority] ? "on" : "",
    }),
  );
  return svg("svg", { ...named, ...label, viewBox: "0 0 14 14" }, ...bars);
};

const sign = () => [svg("rect", { x: 1, y: 1, width: 12, height: 12, rx: 3 }), svg("path", { d: "M7 4v3.6M7 9.9v.1" })];
