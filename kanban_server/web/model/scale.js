/** From values to places on a chart, and the values that are written at its edges. No DOM. */

const [MINUTE, HOUR, DAY] = [60, 3600, 86_400];
const SPANS = [1, 5, 15, 30]
  .map((n) => n * MINUTE)
  .concat(
    [1, 2, 3, 6, 12].map((n) => n * HOUR),
    [1, 2, 5, 7, 14, 30, 60, 90, 180, 365].map((n) => n * DAY),
  );
const DAYS = [1, 2, 7, 14, 28, 56, 91];

/** A function from values between `low` and `high` to places between `from` and `to`. */
export const linear = ([low, high], [from, to]) => {
  const size = high - low || 1;
  return (value) => from + ((value - low) / size) * (to - from);
};

/** Whole numbers from 0 to at least `most`, evenly, with round steps, about `count` of them. */
export const counts = (most, count = 4) => {
  const rough = Math.max(1, most / count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((one) => one >= rough);
  return steps(most, step);
};

/** Durations in seconds from 0 to at least `most`, with steps that people count in. */
export const spans = (most, count = 4) => {
  const rough = most / count;
  return steps(most, SPANS.find((one) => one >= rough) ?? Math.ceil(rough / (365 * DAY)) * 365 * DAY);
};

/** Places of days among so many that are written down: at most `count`, evenly, the last one among them. */
export const days = (number, count = 6) => {
  const step = DAYS.find((one) => number / one <= count) ?? Math.ceil(number / count);
  return Array.from({ length: number }, (_, day) => day).filter((day) => (number - 1 - day) % step === 0);
};

/** A duration, short: `0`, `45 min`, `1.5 h`, `3 d`. */
export const short = (seconds) => {
  if (seconds < 1) return "0";
  const [size, unit] =
    seconds < MINUTE ? [1, "s"] : seconds < HOUR ? [MINUTE, "min"] : seconds < DAY ? [HOUR, "h"] : [DAY, "d"];
  const value = seconds / size;
  return `${value < 9.95 ? Math.round(value * 10) / 10 : Math.round(value)} ${unit}`;
};

const steps = (most, step, first = 0) => {
  const last = Math.max(1, Math.ceil((most - first) / step));
  return Array.from({ length: last + 1 }, (_, n) => first + n * step);
};
