// Nothing is missed: `change` is the last one known without a hole, later ones wait in `ahead`. After a reconnect, a hole
// or a while the table is asked; the live frames may lose anything.

import { ask, reloadOnce } from "./ask.js";
import { now, since } from "./clock.js";
import { live } from "./live.js";
import { onWake } from "./waking.js";

// The socket says how far the room is, every now and then too: this is only for a socket that says nothing.
const EVERY = 300000;
const EVERY_WITHOUT_ANSWER = 10000;
const SPREAD = 3000;
const HOLE_MAY_LAST = 300;

export class Changes {
  #ahead = new Set();
  #waiting = [];
  #heard = [];
  #isAsking = false;
  #isWanted = false;
  #wasAnswered = true;
  #askedAt = now();

  constructor(room, log, apply) {
    this.room = room;
    this.log = log;
    this.apply = apply;
    this.change = Number(room.dataset.change);
    live.addEventListener("message", ({ detail }) => this.#hear(detail));
    live.addEventListener("subscribed", ({ detail }) => {
      if (detail.room === room.dataset.room && detail.change !== this.change) this.catchUp();
    });
    // All pages of the room hear it at once, and must not all ask at once.
    live.addEventListener("progress", ({ detail }) => {
      if (detail.room !== room.dataset.room || detail.change <= this.change) return;
      setTimeout(() => detail.change > this.change && this.catchUp(), Math.random() * SPREAD);
    });
    onWake(() => this.catchUp());
    setInterval(() => this.#tick(), 2000);
  }

  async catchUp() {
    this.#isWanted = true;
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      while (this.#isWanted) await this.#ask();
    } finally {
      this.#isAsking = false;
      this.#take(this.#waiting.splice(0));
    }
  }

  async #ask() {
    this.#isWanted = false;
    this.#askedAt = now();
    const from = this.change;
    const shown = this.log.stretch;
    const answer = await ask(`${this.room.dataset.changesUrl}?${new URLSearchParams({ since: from, ...shown })}`);
    this.#wasAnswered = Boolean(answer?.ok && answer.data);
    // A right has ended; or the numbers went back, for the house was restored from an older copy.
    if (answer?.isGone || answer?.data?.up_to < from) reloadOnce();
    if (!this.#wasAnswered) {
      this.#isWanted = false;
      return;
    }
    const { items, up_to: upTo, is_gap: isGap } = answer.data;
    const applyAll = () => items.forEach((frame) => this.apply(frame, isGap));
    if (isGap) this.log.leap(answer.data, shown, applyAll);
    else this.log.together(applyAll);
    this.#advance(upTo);
  }

  // What is told in one breath is shown at once.
  #hear(frame) {
    if (frame.room !== this.room.dataset.room) return;
    // While the table is asked, what lies behind a hole waits for what fills it.
    if (this.#isAsking && frame.change > this.change + 1) this.#waiting.push(frame);
    else if (this.#heard.push(frame) === 1) queueMicrotask(() => this.#take(this.#heard.splice(0)));
  }

  #take(frames) {
    this.log.together(() => frames.forEach((frame) => this.apply(frame)));
    for (const frame of frames) this.#ahead.add(frame.change);
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
    const every = live.isOpen && this.#wasAnswered ? EVERY : EVERY_WITHOUT_ANSWER;
    if (document.visibilityState === "visible" && since(this.#askedAt) >= every) this.catchUp();
  }
}
