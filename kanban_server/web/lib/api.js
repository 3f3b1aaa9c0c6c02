/** Requests to the server: queries, and changes that take effect once however often they are sent. */

import { isTemporary, newKey, retryDelay, sendOnce } from "./http.js";
import { isQueued, outbox } from "./outbox.js";

export { newKey, Refused, Unreachable } from "./http.js";

const PATIENCE = 60_000;
const SLOWEST = 3_000;

/**
 * The decoded answer of the server. A change of tickets or comments waits in the outbox until it is answered; every
 * other change is sent again for a minute while the server is away or busy.
 *
 * @param {string} method @param {string} path
 * @param {{body?: any, query?: object, version?: number, key?: string, signal?: AbortSignal, named?: boolean}} [options]
 *   `key`: that of an earlier try of the same change. `named`: whether to send the user's name.
 * @throws {import("./http.js").Refused|import("./http.js").Unreachable}
 */
export const request = async (method, path, options = {}) => {
  if (method !== "GET" && isQueued(path)) return outbox.send({ method, path, key: newKey(), ...options });
  const until = performance.now() + (method === "GET" ? 0 : PATIENCE);
  const change = { key: newKey(), ...options };
  for (let wait = 200; ; wait = Math.min(SLOWEST, wait * 1.5)) {
    try {
      return await sendOnce(method, path, change);
    } catch (error) {
      if (!isTemporary(error) || performance.now() + wait > until) throw error;
      await pause(retryDelay(wait, error), options.signal);
    }
  }
};

/** @typedef {Parameters<typeof request>[2]} Options */

/** @param {string} path @param {Options} [options] */
export const get = (path, options) => request("GET", path, options);
/** @param {string} path @param {any} [body] @param {Options} [options] */
export const post = (path, body = {}, options = {}) => request("POST", path, { ...options, body });
/** @param {string} path @param {any} body @param {Options} [options] */
export const put = (path, body, options = {}) => request("PUT", path, { ...options, body });
/** @param {string} path @param {any} body @param {Options} [options] */
export const patch = (path, body, options = {}) => request("PATCH", path, { ...options, body });
/** @param {string} path @param {Options} [options] */
export const remove = (path, options) => request("DELETE", path, options);

const pause = (ms, signal) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
