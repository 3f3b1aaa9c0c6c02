/** The lines by which two texts differ. No DOM. */

const MOST = 400;

/**
 * The changed lines with their neighbours: `[{sign: "+"|"-"|" ", text}]`; null where the texts are too long to compare.
 */
export const diffLines = (before, after) => {
  const [old, fresh] = [before ? before.split("\n") : [], after ? after.split("\n") : []];
  let start = 0;
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start++;
  let end = 0;
  while (end < Math.min(old.length, fresh.length) - start && old.at(-1 - end) === fresh.at(-1 - end)) end++;
  const [removed, added] = [old.slice(start, old.length - end), fresh.slice(start, fresh.length - end)];
  if (removed.length > MOST || added.length > MOST) return null;
  const around = (lines) => lines.map((text) => ({ sign: " ", text }));
  return [
    ...around(old.slice(Math.max(0, start - 1), start)),
    ...compare(removed, added),
    ...around(old.slice(old.length - end, old.length - end + 1)),
  ];
};

/** The longest common subsequence of lines, as removed and added lines. */
const compare = (old, fresh) => {
  const lengths = Array.from({ length: old.length + 1 }, () => new Uint16Array(fresh.length + 1));
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = fresh.length - 1; j >= 0; j--)
      lengths[i][j] = old[i] === fresh[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
  const lines = [];
  for (let i = 0, j = 0; i < old.length || j < fresh.length; ) {
    if (i < old.length && j < fresh.length && old[i] === fresh[j]) {
      lines.push({ sign: " ", text: old[i] });
      i++;
      j++;
    } else if (i < old.length && (j === fresh.length || lengths[i + 1][j] >= lengths[i][j + 1]))
      lines.push({ sign: "-", text: old[i++] });
    else lines.push({ sign: "+", text: fresh[j++] });
  }
  return lines;
};
