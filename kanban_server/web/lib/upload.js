/** Sending a file to a ticket, with its progress. It does not wait for a connection: what fails is said at once. */

import { address } from "./base.js";
import { newKey, Refused, Unreachable } from "./http.js";
import { claimedName } from "./user.js";

/** The path of a file of a ticket, as texts name it. */
export const filePath = (ticket, name) => `/api/tickets/${ticket}/files/${encodeURIComponent(name)}`;

/**
 * Attach a file to a ticket; the answer is the file as it is stored, perhaps under another name.
 *
 * @param {number} ticket @param {File} file @param {(share: number) => void} progress is called with 0 to 1
 * @returns {Promise<any>} @throws {Refused|Unreachable}
 */
export const upload = (ticket, file, progress) =>
  new Promise((resolve, reject) => {
    const sender = new XMLHttpRequest(); // fetch tells nothing of how far it is
    const url = address(`/api/tickets/${ticket}/files`);
    url.searchParams.set("name", file.name || "file");
    sender.open("POST", url);
    const name = claimedName();
    if (name !== null) sender.setRequestHeader("X-Kanban-User", encodeURIComponent(name));
    sender.setRequestHeader("X-Kanban-Client", "web");
    sender.setRequestHeader("Idempotency-Key", newKey());
    sender.setRequestHeader("Content-Type", "application/octet-stream");
    sender.responseType = "json";
    sender.upload.addEventListener("progress", ({ loaded, total }) => progress(total ? loaded / total : 0));
    sender.addEventListener("error", () => {
      dispatchEvent(new Event("unreachable"));
      reject(new Unreachable());
    });
    sender.addEventListener("load", () => {
      const answer = sender.response;
      if (sender.status === 201 && answer) return resolve(answer);
      reject(new Refused({ status: sender.status, title: sender.statusText, ...answer }));
    });
    sender.send(file);
  });
