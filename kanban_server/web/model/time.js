/** Times and durations as people read them. */

/** @type {[number, number, string][]} */
const STEPS = [
  [60, 1, "s"],
  [3600, 60, "min"],
  [86_400, 3600, "h"],
  [14 * 86_400, 86_400, "d"],
  [60 * 86_400, 7 * 86_400, "w"],
  [730 * 86_400, 30.4375 * 86_400, "mo"],
  [Infinity, 365.25 * 86_400, "y"],
];

/** A duration in its largest whole unit: `45 s`, `12 min`, `3 h`, `5 d`. */
export const duration = (seconds) => {
  const positive = Math.max(0, seconds);
  const [, unit, name] = STEPS.find(([below]) => positive < below);
  return `${Math.floor(positive / unit)} ${name}`;
};

/** How long ago an instant was: `just now`, `3 h ago`. */
export const ago = (iso, now = Date.now()) => {
  const seconds = (now - Date.parse(iso)) / 1000;
  return seconds < 10 ? "just now" : `${duration(seconds)} ago`;
};

/** How long something has been so, in steps that do not tick: `now`, `12 min`, `3 h`. */
export const age = (iso, now = Date.now()) => {
  const seconds = (now - Date.parse(iso)) / 1000;
  return seconds < 60 ? "now" : duration(seconds);
};

/** The reader's date, as `YYYY-MM-DD`. */
export const today = (now = new Date()) =>
  [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");

const WHOLE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** An instant in full, in the reader's own zone and language. */
export const whole = (iso) => WHOLE.format(new Date(iso));

/** A time to come, short: `21:00` where it is today, else `Fri, 4 Dec, 21:00`, with the year where it is another one. */
export const shortMoment = (iso, now = new Date()) => {
  const moment = new Date(iso);
  /** @type {Intl.DateTimeFormatOptions} */
  const options = { hour: "2-digit", minute: "2-digit" };
  if (today(moment) !== today(now)) Object.assign(options, { weekday: "short", day: "numeric", month: "short" });
  if (moment.getFullYear() !== now.getFullYear()) options.year = "numeric";
  return moment.toLocaleString(undefined, options);
};

/** An instant as a `datetime-local` field takes it: in the reader's zone, to the minute. */
export const localMoment = (iso) => {
  const moment = new Date(iso);
  const clock = [moment.getHours(), moment.getMinutes()].map((part) => String(part).padStart(2, "0"));
  return `${today(moment)}T${clock.join(":")}`;
};

/** Days from today to a date (`YYYY-MM-DD`): negative where it is past. */
export const daysUntil = (date, today = new Date()) => {
  const [year, month, day] = date.split("-").map(Number);
  return Math.round(
    (Date.UTC(year, month - 1, day) - Date.UTC(today.getFullYear(), today.getMonth(), today.getDate())) / 86_400_000,
  );
};

/** A date, short: `3 May`, with the year where it is another one. */
export const shortDate = (date, today = new Date()) => {
  const [year, month, day] = date.split("-").map(Number);
  /** @type {Intl.DateTimeFormatOptions} */
  const options = { day: "numeric", month: "short", timeZone: "UTC" };
  if (year !== today.getFullYear()) options.year = "numeric";
  return new Date(Date.UTC(year, month - 1, day)).toLocaleDateString(undefined, options);
};
