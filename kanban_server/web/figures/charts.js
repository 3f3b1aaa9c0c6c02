/** The four charts of a board's flow: what is drawn for the server's figures, and the same as rows of a table. */

import { svg } from "../lib/el.js";
import { boardPath } from "../model/route.js";
import { counts, days, linear, short, spans } from "../model/scale.js";
import { shortDate } from "../model/time.js";
import { ticketLink } from "./chart.js";

const DAY = 86_400_000;
const TABLE_ROWS = 50;

/** How many tickets stood in each column, day by day, one on top of the other: the last column at the bottom. */
export const cumulative = ({ flow, columns }) => {
  const roles = new Map(columns.map(({ name, role }) => [name, role]));
  const names = Object.keys(flow.at(-1).counts);
  const layers = shaded([...names].reverse(), roles);
  const most = Math.max(...flow.map(({ counts }) => total(counts)));
  const draw = ({ width, height }) => {
    const ticks = counts(most);
    const [x, scale] = [linear([0, flow.length - 1], [0, width]), linear([ticks[0], ticks.at(-1)], [height, 0])];
    const y = (value) => Math.min(height, scale(value));
    const below = flow.map(() => 0);
    const marks = layers.map(({ name, role, shade }) => {
      const low = below.map((value, day) => `${x(day)},${y(value)}`);
      flow.forEach(({ counts }, day) => (below[day] += counts[name] ?? 0));
      const high = below.map((value, day) => `${x(day)},${y(value)}`);
      return svg("path", {
        class: "layer",
        "data-role": role,
        "data-shade": shade,
        d: `M${high.join("L")}L${low.reverse().join("L")}Z`,
      });
    });
    const spots = flow.map(({ day, counts }, index) => ({
      x: x(index),
      y: y(total(counts)),
      lines: [shortDate(day), ...names.map((name) => `${name} ${counts[name]}`)],
    }));
    return { x: dated(flow, x), y: written(ticks, y, String), marks, spots };
  };
  const kept = new Set(days(flow.length, 14));
  const rows = flow
    .filter((_, day) => kept.has(day))
    .map(({ day, counts }) => [day, ...names.map((name) => counts[name])]);
  return { draw: most > 0 ? draw : null, table: { head: ["Day", ...names], rows }, layers };
};

/** Each ticket that was done: when, and how long it was worked on. */
export const cycleTimes = ({ scatter, cycle, flow }, board) => {
  const [first, last] = bounds(flow);
  const points = [...scatter].sort((one, other) => Date.parse(one.done_at) - Date.parse(other.done_at));
  const draw = ({ width, height }) => {
    const ticks = spans(Math.max(...points.map((point) => point.cycle), 60));
    const [x, y] = [linear([first, last], [0, width]), linear([0, ticks.at(-1)], [height, 0])];
    const spots = points.map(({ id, title, done_at: at, cycle: took }) => ({
      x: x(Date.parse(at)),
      y: y(took),
      lines: [`#${id} ${title}`, `${short(took)}, done ${shortDate(at.slice(0, 10))}`],
      path: boardPath(board, id),
    }));
    const marks = [
      ...spots.map((spot) => svg("circle", { class: "point", cx: spot.x, cy: spot.y, r: 3.5 })),
      ...levels(cycle, y, width),
    ];
    return { x: dated(flow, linear([0, flow.length - 1], [0, width])), y: written(ticks, y, short), marks, spots };
  };
  const rows = points
    .slice(-TABLE_ROWS)
    .reverse()
    .map(({ id, title, done_at: at, cycle: took }) => [
      ticketLink(boardPath(board, id), `#${id} ${title}`),
      at.slice(0, 10),
      short(took),
    ]);
  return { draw: points.length ? draw : null, table: { head: ["Ticket", "Done", "Cycle time"], rows } };
};

/** How many tickets were done, week by week. */
export const throughput = ({ throughput: weeks }) => {
  const most = Math.max(...weeks.map(({ done }) => done));
  const draw = ({ width, height }) => {
    const ticks = counts(most);
    const y = linear([0, ticks.at(-1)], [height, 0]);
    const room = width / weeks.length;
    const bar = Math.min(48, room * 0.7);
    const spots = weeks.map(({ week, done }, index) => ({
      x: room * (index + 0.5),
      y: y(done),
      lines: [`${done} done`, `week of ${shortDate(week)}`],
    }));
    const marks = weeks.map(({ done }, index) =>
      svg("rect", {
        class: "bar-mark",
        x: spots[index].x - bar / 2,
        width: bar,
        y: y(done),
        height: height - y(done),
        rx: 3,
      }),
    );
    const x = days(weeks.length, Math.max(2, Math.floor(width / 80))).map((index) => ({
      at: spots[index].x,
      text: shortDate(weeks[index].week),
    }));
    return { x, y: written(ticks, y, String), marks, spots };
  };
  return {
    draw: most > 0 ? draw : null,
    table: { head: ["Week of", "Done"], rows: weeks.map(({ week, done }) => [week, done]) },
  };
};

/** What is in progress, column by column: how long since it was begun. */
export const ageing = ({ in_progress: open, cycle, columns }, board) => {
  const lanes = columns.filter(({ role }) => role === "working" || role === "waiting");
  const draw = ({ width, height }) => {
    const ticks = spans(Math.max(...open.map(({ age }) => age), 60));
    const y = linear([0, ticks.at(-1)], [height, 0]);
    const room = width / lanes.length;
    const spots = lanes.flatMap(({ name }, lane) => {
      const inside = open.filter(({ column }) => column === name);
      return inside.map((ticket, index) => ({
        x: room * (lane + (index + 1) / (inside.length + 1)),
        y: y(ticket.age),
        role: lanes[lane].role,
        lines: [`#${ticket.id} ${ticket.title}`, [short(ticket.age), name, ticket.user].filter(Boolean).join(" · ")],
        path: boardPath(board, ticket.id),
      }));
    });
    const walls = lanes
      .slice(1)
      .map((_, lane) =>
        svg("line", { class: "wall", x1: room * (lane + 1), x2: room * (lane + 1), y1: 0, y2: height }),
      );
    const marks = [
      ...walls,
      ...spots.map((spot) => svg("circle", { class: "point", "data-role": spot.role, cx: spot.x, cy: spot.y, r: 4 })),
      ...levels(cycle, y, width),
    ];
    const x = lanes.map(({ name }, lane) => ({ at: room * (lane + 0.5), text: cut(name, room) }));
    return { x, y: written(ticks, y, short), marks, spots };
  };
  const rows = open
    .slice(0, TABLE_ROWS)
    .map(({ id, title, column, user, age }) => [
      ticketLink(boardPath(board, id), `#${id} ${title}`),
      column,
      user ?? "nobody",
      short(age),
    ]);
  return { draw: open.length ? draw : null, table: { head: ["Ticket", "Column", "Assigned to", "Age"], rows } };
};

/** Columns with their role and, where several have one, a shade of its colour: `[{name, role, shade}]`. */
const shaded = (names, roles) => {
  const seen = {};
  return names.map((name) => {
    const role = roles.get(name) ?? "todo";
    seen[role] = (seen[role] ?? -1) + 1;
    return { name, role, shade: seen[role] % 4 };
  });
};

/** Lines at which half, and 85 of 100, of the tickets were done. */
const levels = ({ p50, p85 }, y, width) =>
  [
    ["50 %", p50],
    ["85 %", p85],
  ]
    .filter(([, value]) => value !== null && y(value) >= 0)
    .map(([name, value]) =>
      svg(
        "g",
        { class: "level" },
        svg("line", { x1: 0, x2: width, y1: y(value), y2: y(value) }),
        svg("text", { x: width, y: y(value) - 4, "text-anchor": "end" }, `${name} · ${short(value)}`),
      ),
    );

const written = (ticks, y, word) => ticks.map((tick) => ({ at: y(tick), text: word(tick) }));

const dated = (flow, x) =>
  days(flow.length, Math.max(2, Math.floor(x(flow.length - 1) / 90))).map((day) => ({
    at: x(day),
    text: shortDate(flow[day].day),
    anchor: day === flow.length - 1 ? "end" : day === 0 ? "start" : "middle",
  }));

const bounds = (flow) => [Date.parse(flow[0].day), Date.parse(flow.at(-1).day) + DAY];

const total = (counts) => Object.values(counts).reduce((sum, count) => sum + count, 0);

const cut = (name, room) => {
  const most = Math.max(3, Math.floor(room / 7));
  return name.length > most ? `${name.slice(0, most - 1)}…` : name;
};
