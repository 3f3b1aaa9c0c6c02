/** What this browser keeps for its user. A browser that keeps nothing works too, until it is closed. */

/** What it would not keep: newer than what it kept before. */
const forgotten = new Map();
const listeners = new Map();

/** The value of a setting, or `otherwise`. */
export const setting = (name, otherwise = null) => {
  if (forgotten.has(name)) return forgotten.get(name) ?? otherwise;
  try {
    return localStorage.getItem(name) ?? otherwise;
  } catch {
    return otherwise;
  }
};

/** Keep a value; null forgets it. Other tabs hear of it too. */
export const keep = (name, value) => {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
    forgotten.delete(name);
  } catch {
    forgotten.set(name, value);
  }
  tell(name);
};

/** The names of the settings that begin with `prefix`. */
export const settingNames = (prefix) => {
  const names = new Set(forgotten.keys());
  try {
    for (let at = 0; at < localStorage.length; at++) names.add(localStorage.key(at));
  } catch {
    // this browser keeps nothing
  }
  return [...names].filter((name) => name.startsWith(prefix) && setting(name) !== null);
};

/** Names this tab, also after a reload. */
export const TAB = tabName();

function tabName() {
  const made = Math.random().toString(36).slice(2);
  try {
    sessionStorage.tab ??= made;
    return sessionStorage.tab;
  } catch {
    return made;
  }
}

/** Hear of changes of a setting, here or in another tab; call the answer to stop. */
export const watchSetting = (name, listener) => {
  if (!listeners.has(name)) listeners.set(name, new Set());
  listeners.get(name).add(listener);
  return () => listeners.get(name).delete(listener);
};

const tell = (name) => listeners.get(name)?.forEach((listener) => listener());

addEventListener("storage", (event) => (event.key === null ? [...listeners.keys()].forEach(tell) : tell(event.key)));
