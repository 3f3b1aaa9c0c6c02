/** The icons: 16 by 16, drawn in the colour of the text. */

import { svg } from "./el.js";

const PATHS = {
  add: "M8 3.5v9M3.5 8h9",
  close: "M4 4l8 8M12 4l-8 8",
  check: "M3.5 8.5l3 3 6-7",
  up: "M4.5 9.5L8 6l3.5 3.5",
  down: "M4.5 6.5L8 10l3.5-3.5",
  back: "M9.5 4L5.5 8l4 4",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.4 10.4L13.5 13.5",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  edit: "M3 13l.7-2.8L10.5 3.4a1.2 1.2 0 0 1 1.7 0l.4.4a1.2 1.2 0 0 1 0 1.7L5.8 12.3z",
  trash: "M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.5 8.5h6l.5-8.5",
  copy: "M6 6h7v7H6zM3.5 10H3V3h7v.5",
  comment: "M2.5 3.5h11v7.5H8l-3 2.5V11H2.5z",
  blocked: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM3.8 3.8l8.4 8.4",
  hand: "M8 2.5v5M8 8V3.6M5.5 8V4.2M10.5 8V4.6M13 8.4V6.2M5.5 8.8L3.6 7.4M13 8.4c0 3.4-1.6 5.1-4 5.1S5.6 12.4 3.6 9",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.8V8l2.2 1.6",
  calendar: "M2.5 4h11v9.5h-11zM2.5 6.8h11M5.5 2.5V5M10.5 2.5V5",
  criteria: "M2.5 4.5l1.2 1.2L6 3.2M8 4.5h5.5M2.5 11l1.2 1.2L6 9.8M8 11h5.5",
  link: "M6.8 9.2a2.4 2.4 0 0 0 3.4 0l2.2-2.2A2.4 2.4 0 0 0 9 3.6l-.7.7M9.2 6.8a2.4 2.4 0 0 0-3.4 0L3.6 9A2.4 2.4 0 0 0 7 12.4l.7-.7",
  activity: "M2 8h2.6l1.8-4.6 3 9.2L11.4 8H14",
  figures: "M2.5 13.5h11M4.5 11V7.5M8 11V3.5M11.5 11V6",
  light:
    "M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6zM8 1.8v1.4M8 12.8v1.4M1.8 8h1.4M12.8 8h1.4M3.6 3.6l1 1M11.4 11.4l1 1M12.4 3.6l-1 1M4.6 11.4l-1 1",
  dark: "M13 9.6A5.4 5.4 0 0 1 6.4 3a5.4 5.4 0 1 0 6.6 6.6z",
  system: "M2.5 3.5h11v7.5h-11zM6 13.5h4M8 11v2.5",
  settings:
    "M2.5 4.5h5M11 4.5h2.5M2.5 11.5h2.5M8.5 11.5h5M9.2 6.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4zM6.8 13.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4z",
  help: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM6.3 6.3A1.8 1.8 0 1 1 8 8.6v.6M8 11.2v.1",
  filter: "M2.5 4h11M4.5 8h7M6.5 12h3",
  parent: "M4 2.5v7a2 2 0 0 0 2 2h6M9.5 9l2.5 2.5L9.5 14",
  restore: "M3 8a5 5 0 1 0 1.6-3.7M3 2.8v2.6h2.6",
  person: "M8 7.8a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2zM3 13.5a5 5 0 0 1 10 0",
  warning: "M8 2.6l6 10.6H2zM8 6.6v3M8 11.4v.1",
};

/** An icon. It says nothing to those who can't see it: what bears it has a name. */
export const icon = (name) =>
  svg("svg", { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: PATHS[name] }));
