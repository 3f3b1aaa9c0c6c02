/** Letters that nobody sees, and that change what is read: they are kept, and shown escaped. See `wire/invisible_characters.py`. */

const INVISIBLE =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;

/** The text as it is shown. Joiners stay: Persian and many emoji are not written without. */
export const visible = (text) => text.replace(INVISIBLE, escaped);

const escaped = (letter) => {
  const number = letter.codePointAt(0);
  return number <= 0xffff ? `\\u${number.toString(16).padStart(4, "0")}` : `\\U${number.toString(16).padStart(8, "0")}`;
};
