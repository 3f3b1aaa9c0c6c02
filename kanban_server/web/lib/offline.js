/** What the service worker keeps for a page without a connection: the files of the page, and the user's last boards. */

import { address } from "./base.js";
import { keep, setting } from "./settings.js";

const OWNER = "boards-kept-for";

/** Delete the stored boards of the user of this browser. */
export const purgeCache = async () => {
  if (!("caches" in globalThis)) return; // pages without encryption have none
  for (const name of await caches.keys()) if (name.startsWith("kanban-boards")) await caches.delete(name);
};

/** Keep boards for this user only: what was kept for another one is forgotten. */
export const keepCacheFor = async (name) => {
  if (setting(OWNER) === name) return;
  await purgeCache();
  keep(OWNER, name);
};

/** The address as what the Content-Security-Policy allows to run: this one and no other. */
const workerAddress = () => {
  const { href } = address("/service-worker.js");
  const { trustedTypes } = /** @type {any} */ (globalThis);
  return trustedTypes?.createPolicy("service-worker", { createScriptURL: () => href }).createScriptURL("") ?? href;
};

/** Let the service worker keep files and boards, where the browser has service workers. */
export const registerWorker = async () => {
  try {
    await navigator.serviceWorker?.register(workerAddress(), { scope: address("/").pathname });
  } catch {
    // the page works without
  }
};
