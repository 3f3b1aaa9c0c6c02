/** Where the server is. The page may stand under a path prefix, so every address starts from here. */

const BASE = new URL("../../", import.meta.url);

/** The whole address of a path of the server: `address("/api/boards")`. */
export const address = (path) => new URL(path.replace(/^\/+/, ""), BASE);

/** The path of the server at which the browser is, with its query: `/board/2?search=x`. */
export const here = () => `/${location.pathname.slice(BASE.pathname.length)}${location.search}`;

/** Whether a URL is one of this server's. */
export const within = (url) => url.origin === BASE.origin && url.pathname.startsWith(BASE.pathname);
