/** One request to the server, and what may come back. */

import { address } from "./base.js";
import { claimedName } from "./user.js";

/** The server refused. `problem` is its answer (RFC 9457): decide by `type`, never by the words. */
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

const BUSY = new Set([429, 502, 503, 504]);

/** Whether the same request may succeed a moment later. */
export const isTemporary = (error) => error instanceof Unreachable || BUSY.has(error.problem?.status);

/**
 * Send a request once; the decoded answer.
 *
 * @param {string} method @param {string} path
 * @param {{body?: any, query?: object, version?: number, key?: string, signal?: AbortSignal, named?: boolean}} options
 *   `named`: whether to send the user's name.
 * @throws {Refused|Unreachable}
 */
export const sendOnce = async (method, path, options) => {
  const { body, query, signal } = options;
  const init = { method, headers: headers(method, options), signal, body: undefined };
  if (body !== undefined) init.body = body instanceof Blob ? body : JSON.stringify(body);
  let response, text;
  try {
    response = await fetch(url(path, query), init);
    text = await response.text();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    dispatchEvent(new Event("unreachable"));
    throw new Unreachable();
  }
  const answer = decode(text);
  if (response.ok) {
    if (answer?.warnings) dispatchEvent(new CustomEvent("warned", { detail: answer.warnings }));
    return answer;
  }
  if (answer?.type === "not-authenticated") dispatchEvent(new Event("not-authenticated"));
  throw new Refused({ status: response.status, title: response.statusText, ...answer });
};

/** A key under which a change takes effect once, however often it is sent. */
export const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Milliseconds to wait before a request that failed is sent again. */
export const retryDelay = (wait, error) => Math.max(wait, 1000 * (error.problem?.retry_after ?? 0));

const headers = (method, { body = undefined, version = undefined, key = "", named = true }) => {
  const fields = { "X-Kanban-Client": "web" };
  const name = named ? claimedName() : null;
  if (name !== null) fields["X-Kanban-User"] = encodeURIComponent(name);
  if (body !== undefined) fields["Content-Type"] = body instanceof Blob ? body.type : "application/json";
  if (version !== undefined) fields["If-Match"] = `"${version}"`;
  if (method !== "GET") fields["Idempotency-Key"] = key;
  return fields;
};

const url = (path, query = {}) => {
  const whole = address(path);
  for (const [name, value] of Object.entries(query)) whole.searchParams.set(name, value);
  return whole;
};

const decode = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a proxy may answer with a page
  }
};
