/** The acceptance criteria, to be ticked. */

import { post } from "../lib/api.js";
import { el } from "../lib/el.js";
import { criteria } from "../model/facts.js";

/** @param {(what: string, run: (force: boolean) => Promise<any>) => Promise<any>} attempt */
export const criteriaList = (text, ticket, attempt) => {
  const lines = criteria(text);
  const done = lines.filter((line) => line.done).length;
  const check = (number, box) =>
    attempt("The criterion is not ticked", (force) =>
      post(`/api/tickets/${ticket.id}/check`, { number, done: box.checked }, { query: force ? { force: true } : {} }),
    ).then((saved) => {
      if (!saved) box.checked = !box.checked;
    });
  return el(
    "div",
    { class: "criteria" },
    el("progress", { max: lines.length, value: done, "aria-label": `${done} of ${lines.length} done` }),
    el(
      "ul",
      {},
      lines.map(({ number, text: criterion, done: checked }) =>
        el(
          "li",
          {},
          el(
            "label",
            {},
            el("input", { type: "checkbox", checked, onchange: ({ target }) => check(number, target) }),
            el("span", {}, criterion || "(empty)"),
          ),
        ),
      ),
    ),
  );
};
