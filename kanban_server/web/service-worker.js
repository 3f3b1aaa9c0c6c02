/**
 * Keeps the files of the page and the last boards of the user, so that the page opens without a connection.
 *
 * Everything is requested first, and what was kept is shown only where no answer comes. Answers about boards are kept
 * under the name of the user, and deleted when they log out.
 */

const worker = /** @type {any} */ (self);
const FILES = "kanban-files-1";
const BOARDS = "kanban-boards-1";
const SCOPE = new URL(worker.registration.scope).pathname;
const MOST = 40;
const KEPT =
  /^api\/(session|boards|boards\/\d+|boards\/\d+\/snapshot|users|presence|tickets\/\d+|comments\/ticket\/\d+)\/?$/;

worker.addEventListener("install", (event) => {
  worker.skipWaiting();
  event.waitUntil(keepPages());
});
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || !url.pathname.startsWith(SCOPE)) return;
  if (request.headers.get("accept")?.includes("text/event-stream")) return;
  const path = url.pathname.slice(SCOPE.length);
  if (request.mode === "navigate") event.respondWith(networkFirst(request, FILES, pageKey(url)));
  else if (path.startsWith("web/")) event.respondWith(networkFirst(request, FILES, request.url));
  else if (KEPT.test(path)) event.respondWith(networkFirst(request, BOARDS, boardKey(request, url)));
});

/** Keep the page for addresses of each depth. */
const keepPages = async () => {
  const cache = await caches.open(FILES);
  for (const path of ["", "board/0", "board/0/figures", "board/0/ticket/0"]) {
    const url = new URL(SCOPE + path, location.href);
    await cache.put(pageKey(url), await fetch(url));
  }
};

/** One page serves all addresses of one depth. */
const pageKey = (url) => new URL(`${SCOPE}page-${url.pathname.slice(SCOPE.length).split("/").length}`, url).href;

/** What one user was shown is not shown to another one. */
const boardKey = (request, url) => {
  const keyed = new URL(url);
  keyed.searchParams.set("kept-for", request.headers.get("x-kanban-user") ?? "");
  return keyed.href;
};

const networkFirst = async (request, cacheName, key) => {
  const cache = await caches.open(cacheName);
  try {
    const response = await fetch(request);
    if (response.ok) {
      await cache.put(key, response.clone());
      if (cacheName === BOARDS) await trim(cache);
    }
    return response;
  } catch (error) {
    const kept = await cache.match(key);
    if (kept) return kept;
    throw error;
  }
};

/** The oldest go first. */
const trim = async (cache) => {
  const keys = await cache.keys();
  for (const key of keys.slice(0, Math.max(0, keys.length - MOST))) await cache.delete(key);
};
