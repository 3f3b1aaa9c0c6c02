/** What to ask the server for, so that a board becomes as it is wanted. No DOM, no network. */

/** The roles that a column may have, in the order in which work passes them. */
export const ROLES = [
  ["todo", "To do"],
  ["working", "In progress"],
  ["waiting", "Waiting"],
  ["done", "Done"],
];

/** What the server makes of a name when it compares it: case aside, and `_` read as a space. */
export const matching = (name) =>
  name.normalize("NFC").replaceAll("_", " ").toLowerCase().split(/\s+/).filter(Boolean).join(" ");

/**
 * Why columns can't be as they are wanted; null where they can.
 * @param {{name: string, limit: number|null}[]} columns
 */
export const wrongWithColumns = (columns) => {
  if (!columns.length) return "A board has at least one column.";
  const seen = new Set();
  for (const { name, limit } of columns) {
    const key = matching(name);
    if (!key) return "Each column has a name.";
    if ([...name.trim()].length > 50) return "A column’s name has at most 50 characters.";
    if (seen.has(key)) return `Two columns are called “${name.trim()}”.`;
    if (limit !== null && !(Number.isInteger(limit) && limit > 0)) return "A limit is a whole number above 0.";
    seen.add(key);
  }
  return null;
};

/**
 * The fields of the board itself that differ.
 * @param {object} board @param {object} wanted only what it names is compared
 */
export const fieldsToSet = (board, wanted) =>
  Object.fromEntries(
    ["name", "description", "wip_per_user", "review"]
      .filter((name) => name in wanted && wanted[name] !== board[name])
      .map((name) => [name, wanted[name]]),
  );

/**
 * The columns that are kept and get another name: `[{id, name}]`, in an order in which no two ever have one name. A
 * name that is passed round in a circle is freed by a name of its own first.
 */
export const renames = (columns, wanted) => {
  const open = wanted
    .filter(({ id, name }) => id && columns.find((one) => one.id === id)?.name !== name.trim())
    .map(({ id, name }) => ({ id, name: name.trim() }));
  const names = new Map(columns.map(({ id, name }) => [id, name]));
  const steps = [];
  while (open.length) {
    const free = open.findIndex(
      ({ id, name }) => ![...names].some(([other, taken]) => other !== id && matching(taken) === matching(name)),
    );
    if (free < 0 && !open.some(({ id }) => names.get(id).startsWith("~"))) {
      const [{ id }] = open;
      steps.push({ id, name: `~${id}` });
      names.set(id, `~${id}`);
      continue;
    }
    const [step] = open.splice(Math.max(0, free), 1); // what is left over, the server will refuse
    steps.push(step);
    names.set(step.id, step.name);
  }
  return steps;
};

/** The columns that go: `[{name, to}]`, each with where its tickets go. */
export const removals = (columns, wanted, targets) =>
  columns
    .filter(({ id }) => !wanted.some((one) => one.id === id))
    .map(({ id, name }) => ({ name, to: targets.get(id) ?? null }));

/** Role and limit of the columns that have others: `[{id, role, limit}]`, once all wanted columns are there. */
export const settingsToSet = (columns, wanted) =>
  wanted.flatMap(({ name, role, limit }) => {
    const column = columns.find((one) => matching(one.name) === matching(name));
    return column && (column.role !== role || column.limit !== limit) ? [{ id: column.id, role, limit }] : [];
  });

/** Whether the names stand in another order, or others are there. */
export const otherNames = (names, wanted) =>
  names.length !== wanted.length || names.some((name, index) => name !== wanted[index]);
