// How a message gets to the server: by the socket or by the form, tried until it is answered. An answer is { id, … } where
// it is stored, else { reason, isFinal }; null where nobody answered.

import { ask, reloadOnce } from "./ask.js";
import { live } from "./live.js";

const LONGEST_PAUSE = 8000;

export class Delivery {
  #stirs = 0;
  #endPause = () => undefined;

  constructor(room, url) {
    this.room = room;
    this.url = url;
  }

  // Something is better than it was: no pause is worth its while.
  stir() {
    this.#stirs += 1;
    this.#endPause();
  }

  // The final answer; null where `isWanted`, asked before each try, is no longer so.
  async send(item, isWanted, inVain) {
    let isHeard = true;
    for (let attempt = 1; isWanted(); attempt += 1) {
      const stirs = this.#stirs;
      // A socket that did not answer may be half-open: then the form, while the socket is looked after.
      const answer = await (live.isOpen && isHeard ? bySocket(this.room, item) : byForm(this.url, item));
      if (answer?.id || answer?.isFinal) return answer;
      if (!answer && live.isOpen) live.wake();
      inVain(attempt, answer?.reason);
      const isStirred = stirs !== this.#stirs;
      isHeard = Boolean(answer) || isStirred;
      if (!isStirred) await this.#pause(Math.min(500 * 2 ** attempt, LONGEST_PAUSE));
    }
    return null;
  }

  #pause(milliseconds) {
    return new Promise((resolve) => {
      this.#endPause = resolve;
      setTimeout(resolve, milliseconds);
    });
  }
}

export async function bySocket(room, item) {
  const answer = await live.ask({ type: "post", room, client_id: item.id, text: item.text });
  if (answer?.type === "posted") return answer;
  return answer && { reason: answer.reason, isFinal: answer.type === "refused" };
}

async function byForm(url, item) {
  const answer = await ask(url, { fields: { client_id: item.id, text: item.text } });
  if (answer?.ok) return answer.data;
  // Where only the session ended, nobody has judged these words.
  if (answer?.isGone) reloadOnce(item.id);
  return answer && { reason: answer.data?.reason, isFinal: answer.data?.is_final ?? false };
}
