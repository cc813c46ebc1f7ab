// Nothing is missed: `change` is the last one known without a hole, later ones wait in `ahead`. After a reconnect, a hole
// or a while the table is asked; the live frames may lose anything.

import { ask, reloadOnce } from "./ask.js";
import { live } from "./live.js";

const EVERY = 60000;
const EVERY_WITHOUT_SOCKET = 10000;
const HOLE_MAY_LAST = 300;

export class Changes {
  #ahead = new Set();
  #isAsking = false;
  #isWanted = false;
  #askedAt = Date.now();

  constructor(room, apply) {
    this.room = room;
    this.apply = apply;
    this.change = Number(room.dataset.change);
    live.addEventListener("message", ({ detail }) => this.#hear(detail));
    live.addEventListener("subscribed", ({ detail }) => {
      if (detail.room === room.dataset.room && detail.change > this.change) this.catchUp();
    });
    setInterval(() => this.#tick(), 2000);
    addEventListener("pageshow", (event) => event.persisted && this.catchUp());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.catchUp());
  }

  async catchUp() {
    this.#isWanted = true;
    if (this.#isAsking) return;
    this.#isAsking = true;
    while (this.#isWanted) {
      this.#isWanted = false;
      this.#askedAt = Date.now();
      const answer = await ask(`${this.room.dataset.changesUrl}?since=${this.change}`);
      if (answer?.isGone) reloadOnce();
      if (!answer?.ok) break;
      if (answer.data.is_gap) location.assign(location.pathname);
      for (const frame of answer.data.items) this.apply(frame);
      this.#advance(answer.data.up_to);
    }
    this.#isAsking = false;
  }

  #hear(frame) {
    if (frame.room !== this.room.dataset.room) return;
    this.apply(frame);
    this.#ahead.add(frame.change);
    this.#advance(this.change);
    // Either lost on the way, or a change this person may not see. The table knows.
    if (this.#ahead.size) setTimeout(() => this.#ahead.size && this.catchUp(), HOLE_MAY_LAST);
  }

  #advance(change) {
    this.change = Math.max(this.change, change);
    while (this.#ahead.has(this.change + 1)) this.change += 1;
    for (const known of this.#ahead) if (known <= this.change) this.#ahead.delete(known);
  }

  #tick() {
    const every = live.isOpen ? EVERY : EVERY_WITHOUT_SOCKET;
    if (document.visibilityState === "visible" && Date.now() - this.#askedAt >= every) this.catchUp();
  }
}
