// The messages that stand in a conversation, in one or two stretches without holes: "Show older" leads on above the
// first; between the two, or behind the only one, is a gap (gap.js).

import { ask, reloadOnce } from "./ask.js";
import { Gap } from "./gap.js";
import { NUMBERED, drawDays, group } from "./grouping.js";
import { messagesIn, number, renew } from "./message.js";
import { Older } from "./older.js";
import { trim } from "./trim.js";
import { Unread } from "./unread.js";
import { View } from "./view.js";

export class Lines extends EventTarget {
  #loading = 0;
  #early = [];
  #isTogether = false;

  constructor(room, log) {
    super();
    this.me = room.dataset.me;
    this.url = room.dataset.messagesUrl;
    this.log = log;
    this.view = new View(log, room.querySelector("[data-jump]"), () => !this.gap.isLast);
    this.older = new Older(this, log.querySelector("[data-older]"));
    this.gap = new Gap(this);
    this.unread = new Unread(log);
    log.querySelector("[data-newer]")?.remove();
    if (room.dataset.newer === "yes") this.gap.open(this.numbered.at(-1), Infinity);
  }

  get numbered() {
    return [...this.log.querySelectorAll(NUMBERED)];
  }

  get lastSequence() {
    return this.numbered.length ? number(this.numbered.at(-1)) : 0;
  }

  // The message somebody is changing just now.
  get edited() {
    return this.log.querySelector(".edit-form")?.closest(NUMBERED);
  }

  // The numbers of the stretch one reads.
  get stretch() {
    const reader = this.edited ?? this.view.inSight[0];
    const { old, new: fresh } = this.gap.isOpen ? this.gap : { old: this.numbered, new: [] };
    const all = fresh.includes(reader) || !old.length ? fresh : old;
    return all.length ? { first: number(all[0]), last: number(all.at(-1)) } : { first: 0, last: 0 };
  }

  // Puts a message where its number belongs. Not one that lies in the gap or is older than what is shown, unless it was
  // asked for: that comes when somebody gets there.
  put(message, isAsked = false) {
    const at = number(message);
    const side = !this.gap.isOpen ? "old" : !isAsked ? this.gap.sideOf(at) : at < this.gap.to ? "old" : "new";
    if (!side) return false;
    const stretch = this.gap.isOpen ? this.gap[side] : this.numbered;
    const before = stretch.findLast((one) => number(one) < at);
    if (!before && side === "old" && stretch.length && this.older.isThere && !isAsked) return false;
    this.log.querySelector("[data-empty]")?.remove();
    (before ?? (side === "old" ? this.older : this.gap).element).after(message);
    return true;
  }

  putAll(messages) {
    for (const message of messages) {
      const here = document.getElementById(message.id);
      if (!here) this.put(message, true);
      else if (Number(here.dataset.change) < Number(message.dataset.change)) renew(here, message);
    }
  }

  // What is taken out of the middle leaves a gap.
  drop(dropped) {
    const all = this.numbered;
    const gone = new Set(dropped);
    const left = all.filter((message) => !gone.has(message));
    const cut = left.findLastIndex((message, at) => at && all[all.indexOf(message) - 1] !== left[at - 1]);
    if (dropped.some((message) => message.contains(document.activeElement))) this.log.focus({ preventScroll: true });
    for (const message of dropped) message.remove();
    if (gone.has(all[0])) this.older.show(true);
    if (cut > 0) this.gap.open(left[cut - 1], number(left[cut]));
    else if (this.gap.isOpen && !this.gap.old.length) this.gap.close();
  }

  // Whatever changes at once is put in order once, and what is being read stays where it is.
  together(change, anchor) {
    if (this.#isTogether) {
      change();
      return;
    }
    this.#isTogether = true;
    const all = () => {
      change();
      this.tidy();
    };
    try {
      this.view.hold(all, anchor);
    } finally {
      this.#isTogether = false;
    }
  }

  // A page of messages by number: { before }, { after } or the newest. Null where it did not come.
  async load(query, take, anchor = () => undefined) {
    this.#loading += 1;
    const answer = await ask(`${this.url}?${new URLSearchParams(query)}`);
    this.#loading -= 1;
    if (answer?.isGone) reloadOnce();
    const has = (name) => answer.headers.get(name) === "yes";
    const page = answer?.ok
      ? { messages: messagesIn(answer.text, this.me), hasOlder: has("X-Has-Older"), hasNewer: has("X-Has-Newer") }
      : null;
    this.together(() => {
      if (page) take(page);
      for (const frame of this.#early.splice(0)) this.apply(frame, true);
    }, anchor());
    return page;
  }

  // What is told while a page is on its way may be newer than the page.
  keepEarly(frame) {
    if (this.#loading) this.#early.push(frame);
  }

  tidy() {
    trim(this);
    group(this.log);
    drawDays(this.log);
    this.unread.draw(this.older.isThere);
  }
}
