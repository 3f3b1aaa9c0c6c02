/** Changes that the server may refuse: a refusal is shown with its reason and with what else can be done. */

import { toast } from "../controls/toast.js";
import { overridable, reasonOf } from "./moves.js";

const STAYS = 12_000;

/**
 * Run a change; where it is refused, say so, and offer to insist. The answer, or null.
 *
 * @param {string} failed what did not happen: `Not saved`
 * @param {(force: boolean) => Promise<any>} run @param {number} now the time by the server's clock
 * @param {(answer: any) => void} [done] is called with the answer, also where the user insists later
 */
export const attempt = async (failed, run, now, done = () => {}, again = "Do it anyway") => {
  const go = async (force) => {
    const answer = await run(force);
    done(answer);
    return answer;
  };
  try {
    return await go(false);
  } catch (error) {
    const insist = () => go(true).catch((refusal) => tell(failed, refusal, now));
    tell(failed, error, now, overridable(error) ? { name: again, run: insist } : undefined);
    return null;
  }
};

const tell = (failed, error, now, action = undefined) =>
  toast(`${failed}: ${reasonOf(error, now)}`, { kind: "bad", stays: STAYS, action });
