/** A board with a few tickets that show what a board can do. */

import { post } from "../lib/api.js";

const TICKETS = [
  {
    title: "Open this ticket",
    description:
      "A description is **Markdown**. Tasks tick:\n\n- [x] open the ticket\n- [ ] tick this task\n- [ ] write a comment",
    acceptance_criteria: "- [ ] I know what acceptance criteria are\n- [ ] I ticked one",
    labels: ["start here"],
    priority: "high",
  },
  { title: "Drag this card to another column, then press Ctrl Z", labels: ["start here"] },
  { title: "Press Ctrl K for all commands, ? for all keys", labels: ["keys"], priority: "low" },
  { title: "Invite an agent: More, Team and webhooks", labels: ["agents"] },
];

/** Make it. @returns {Promise<object>} the board */
export const makeSampleBoard = async () => {
  const board = await post("/api/boards", {
    name: "Sample board",
    description: "To look around; delete it when you like",
  });
  const operations = TICKETS.map((ticket) => ({ op: "create", board_id: board.id, ...ticket }));
  await post("/api/bulk/operations", { operations });
  return board;
};
