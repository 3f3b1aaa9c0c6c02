/** Light or dark: as the system says, unless the user says otherwise. */

import { keep, setting, watchSetting } from "./settings.js";

export const THEMES = ["system", "light", "dark"];

/** The user's choice. */
export const theme = () => (THEMES.includes(setting("theme")) ? setting("theme") : "system");

/** Choose. */
export const setTheme = (name) => keep("theme", name === "system" ? null : name);

/** Show the page as chosen, now and whenever the choice changes. */
export const applyTheme = () => {
  const apply = () => {
    if (theme() === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme();
  };
  apply();
  watchSetting("theme", apply);
};
