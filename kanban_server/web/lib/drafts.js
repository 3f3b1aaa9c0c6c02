/** Texts that are being written. They outlive the page, the connection and the server. */

import { keep, setting } from "./settings.js";

const key = (name) => `draft:${name}`;

/** What was written and not sent: `{text, …}`; null for nothing. */
export const draft = (name) => {
  try {
    return JSON.parse(setting(key(name), "null"));
  } catch {
    return null;
  }
};

export const keepDraft = (name, value) => keep(key(name), JSON.stringify(value));

export const dropDraft = (name) => keep(key(name), null);
