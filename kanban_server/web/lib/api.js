/** Asking the server, and what it may answer. */

import { address } from "./base.js";
import { claimedName } from "./user.js";

/** The server said no. `problem` is its answer (RFC 9457): decide by `type`, never by the words. */
export class Refused extends Error {
  constructor(problem) {
    super(problem.detail ?? problem.title ?? "The server refused.");
    this.problem = problem;
  }

  get type() {
    return this.problem.type;
  }
}

/** No answer came. */
export class Unreachable extends Error {
  constructor() {
    super("The server can't be reached.");
  }
}

const PATIENCE = 60_000;
const SLOWEST = 3_000;

/**
 * The answer of the server, decoded. A change bears a key, so that it takes effect once however often it is sent; it
 * is sent again while the server is away or busy, for a minute.
 *
 * @param {string} method @param {string} path
 * @param {{body?: any, query?: object, version?: number, key?: string, signal?: AbortSignal, named?: boolean}} [options]
 *   `key`: that of an earlier try of the same change. `named`: whether to say who asks.
 * @throws {Refused|Unreachable}
 */
export const ask = async (method, path, { body, query, version, key = newKey(), signal, named = true } = {}) => {
  const request = { method, headers: headers(method, body, { version, key, named }), signal };
  if (body !== undefined) request.body = body instanceof Blob ? body : JSON.stringify(body);
  const until = performance.now() + (method === "GET" ? 0 : PATIENCE);
  for (let wait = 200; ; wait = Math.min(SLOWEST, wait * 1.5)) {
    try {
      return await once(url(path, query), request);
    } catch (error) {
      const passing = error instanceof Unreachable || [429, 502, 503, 504].includes(error.problem?.status);
      if (!passing || performance.now() + wait > until) throw error;
      await pause(Math.max(wait, 1000 * (error.problem?.retry_after ?? 0)), signal);
    }
  }
};

export const get = (path, options) => ask("GET", path, options);
export const post = (path, body = {}, options) => ask("POST", path, { ...options, body });
export const put = (path, body, options) => ask("PUT", path, { ...options, body });
export const patch = (path, body, options) => ask("PATCH", path, { ...options, body });
export const remove = (path, options) => ask("DELETE", path, options);

const once = async (url, request) => {
  let response, text;
  try {
    response = await fetch(url, request);
    text = await response.text();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unreachable();
  }
  const answer = decoded(text);
  if (response.ok) {
    if (answer?.warnings) dispatchEvent(new CustomEvent("warned", { detail: answer.warnings }));
    return answer;
  }
  if (answer?.type === "not-authenticated") dispatchEvent(new Event("not-authenticated"));
  throw new Refused({ status: response.status, title: response.statusText, ...answer });
};

const headers = (method, body, { version, key, named }) => {
  const said = { "X-Kanban-Client": "web" };
  const name = named ? claimedName() : null;
  if (name !== null) said["X-Kanban-User"] = encodeURIComponent(name);
  if (body !== undefined) said["Content-Type"] = body instanceof Blob ? body.type : "application/json";
  if (version !== undefined) said["If-Match"] = `"${version}"`;
  if (method !== "GET") said["Idempotency-Key"] = key;
  return said;
};

const url = (path, query = {}) => {
  const whole = address(path);
  for (const [name, value] of Object.entries(query)) whole.searchParams.set(name, value);
  return whole;
};

/** A key under which a change takes effect once, however often it is sent. */
export const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16)).join("");

const decoded = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return null; // what stands between here and the server may answer with a page
  }
};

const pause = (ms, signal) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
