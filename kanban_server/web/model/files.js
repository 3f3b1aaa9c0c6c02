/** Files as texts name them. No DOM. */

/** The path of a file of a ticket of this server. */
export const FILE_PATH = /^\/api\/tickets\/\d{1,15}\/files\/[^/?#\s]+$/;

const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

/** Whether a file is shown in place. */
export const isPicture = (file) => PICTURES.has(file.media_type);

/** Markdown that shows a picture, or leads to a file. */
export const fileMarkdown = (file, path) => {
  const name = file.name.replace(/[\\[\]*_`<>!]/g, "\\$&");
  const target = path.replaceAll("(", "%28").replaceAll(")", "%29");
  return `${isPicture(file) ? "!" : ""}[${name}](${target})`;
};

const UNITS = ["B", "KB", "MB", "GB"];

/** A number of bytes as people read it: `1.4 MB`. */
export const sizeText = (bytes) => {
  let unit = 0;
  let size = bytes;
  for (; size >= 1000 && unit < UNITS.length - 1; unit++) size /= 1000;
  return `${unit && size < 10 ? size.toFixed(1) : Math.round(size)} ${UNITS[unit]}`;
};
