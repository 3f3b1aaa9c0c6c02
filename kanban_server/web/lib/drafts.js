/** Texts that are being written. A draft belongs to its user, and outlives the page and the connection. */

import { keep, setting, settingNames } from "./settings.js";
import { userName } from "./user.js";

const key = (name) => `draft:${userName()}:${name}`;

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

/** Forget all drafts of the user. */
export const dropAllDrafts = () => {
  for (const name of settingNames(key(""))) keep(name, null);
};
