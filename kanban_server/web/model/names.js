/** Users' names, and what is made of them. */

export const LONGEST = 30;
/** The length of the longest name that a user may choose here. Other clients allow longer names. */

const NOT_IN_NAMES = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;
const RESERVED = ["anonymous", "system"];

/** The name as it is kept: trimmed, in Unicode's composed form. */
export const tidy = (text) => text.trim().normalize("NFC");

/** Why a text can't be a name; null where it can. */
export const wrongWith = (text) => {
  const name = tidy(text);
  if (!name) return "A name has at least one character.";
  if ([...name].length > LONGEST) return `A name has at most ${LONGEST} characters.`;
  if (NOT_IN_NAMES.test(name)) return "A name has no control characters.";
  if (RESERVED.includes(name)) return `“${name}” is the server’s own word.`;
  return null;
};

/** `User` and four digits. */
export const defaultName = (random = Math.random) => `User${String(Math.floor(random() * 10_000)).padStart(4, "0")}`;

/** One or two letters that stand for a name: `Ada Lovelace` is AL, `claude-3` is C3, `bob` is B. */
export const initials = (name) => {
  const words = name.split(/[^\p{L}\p{N}\p{Extended_Pictographic}]+/u).filter(Boolean);
  const letters = words.length ? words : [name];
  const first = [...letters[0]][0] ?? "?";
  const last = letters.length > 1 ? [...letters.at(-1)][0] : (/\d(?=\D*$)/.exec(name.slice(1))?.[0] ?? "");
  return `${first}${last}`.toUpperCase();
};

/** The hue of a name's colour, in degrees: the same name has the same colour everywhere. */
export const hue = (name) => {
  let hash = 2166136261; // FNV-1a
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 16777619) >>> 0;
  return hash % 360;
};
