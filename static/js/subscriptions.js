// What the page wants to hear, and whether it was answered. A no is an answer, too: the other streams go on. It means that
// a right ended while the page was away, and only a new page can say so: once for each stream, until it is given again.

import { reloadOnce } from "./ask.js";
import { forget, recall, remember } from "./session.js";

// Whose page this is. The cookie of its socket may be somebody else's by now; then what waits here is not to go out as theirs.
const mark = () => document.querySelector("[data-mark]").dataset.mark;
const key = (subscription) => `refused:${JSON.stringify(subscription)}`;

export class Subscriptions {
  #all = [];
  #unanswered = 0;

  get isNone() {
    return !this.#all.length;
  }

  get areAnswered() {
    return this.#unanswered <= 0;
  }

  add(frame) {
    this.#all.push({ type: "subscribe", as: mark(), ...frame });
    this.#unanswered += 1;
    return this.#all.at(-1);
  }

  sendAll(send) {
    this.#unanswered = this.#all.length;
    for (const frame of this.#all) send(frame);
  }

  // Returns whether the page is on its way out.
  take({ type, stream }) {
    const asked = stream && this.#all.find((one) => one.stream === stream);
    if (!asked || type === "failed") return false;
    if (type === "refused" && this.#isReloading(asked)) return true;
    if (type === "subscribed") forget(key(asked));
    this.#unanswered -= 1;
    return false;
  }

  #isReloading(asked) {
    if (recall(key(asked)) || !reloadOnce()) return false;
    remember(key(asked), "yes");
    return true;
  }
}
