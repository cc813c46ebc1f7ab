// The conversation while it goes on: takes in what is written, changed and missed, and says what is new.

import { Announcer } from "./announcer.js";
import { Lines } from "./lines.js";
import { messagesIn, number, renew } from "./message.js";

export class Log extends Lines {
  #cameTo = 0;

  constructor(room, log) {
    super(room, log);
    this.pill = this.view.pill;
    this.announcer = new Announcer();
    this.pill.addEventListener("click", () => this.toNewest());
    this.view.addEventListener("end", () => {
      this.pill.hidden = true;
      this.dispatchEvent(new Event("end"));
    });
    this.tidy();
    this.view.open();
  }

  // What is certainly read: all, where the end of all can be seen; else what stands before a gap one came to.
  get readUpTo() {
    return this.view.isFollowing ? this.lastSequence : this.#cameTo;
  }

  cameTo(sequence) {
    this.#cameTo = Math.max(this.#cameTo, sequence);
    this.dispatchEvent(new Event("end"));
  }

  // A frame of a message: new, edited or deleted; twice or out of order does no harm. Returns whether it stands here now.
  apply(frame, isQuiet = false) {
    const [message] = messagesIn(frame.html, this.me);
    if (!message) return false; // from a server of another version
    const here = document.getElementById(message.id);
    if (here && Number(here.dataset.change) >= frame.change) return true;
    let isHere = Boolean(here);
    this.together(() => {
      if (message.matches("[data-deleted]")) this.announcer.forget(message);
      if (here) renew(here, message);
      else isHere = this.put(message);
      if (!here && isHere && !isQuiet) this.#greet(message);
    });
    if (!isHere) this.keepEarly(frame);
    return isHere;
  }

  // Something new: said to ears, and to eyes where they are elsewhere.
  #greet(message) {
    if (message.dataset.author === this.me || message.querySelector(".fold, .edited-mark")) return;
    if (document.visibilityState !== "visible") this.unread.begin(number(message));
    if (!this.view.isFollowing) this.pill.hidden = false;
    this.announcer.tell(message);
  }

  // More was missed than is told one by one: what one reads stays, the newest page comes, between them is a gap.
  leap({ known_from: knownFrom, newest_from: newestFrom }, { first, last }, putNewest) {
    const newest = this.lastSequence;
    this.together(() => {
      const isKnown = (at) => at >= newestFrom || (at >= Math.max(first, knownFrom) && at <= last);
      this.drop(this.numbered.filter((message) => !isKnown(number(message))));
      const old = this.numbered.findLast((message) => number(message) < newestFrom);
      if (old && last + 1 < newestFrom) this.gap.open(old, newestFrom);
      else this.gap.close();
      if (!old) this.older.show(false);
      putNewest();
      if (!old) this.older.show(true);
      this.view.isFollowing &&= !this.gap.isOpen;
      if (this.lastSequence > newest) this.#greetMany(newest + 1);
    });
  }

  #greetMany(from) {
    this.unread.begin(from);
    this.pill.hidden = this.view.isFollowing;
    this.announcer.tellMany();
  }

  // At the end, behind all that has a number: what is still on its way.
  addPending(element, isFromBefore) {
    this.log.querySelector("[data-empty]")?.remove();
    this.log.querySelector("#newest").before(element);
    if (!isFromBefore || this.view.isFollowing) this.toNewest();
  }

  async toNewest() {
    this.view.toEnd();
    await this.gap.filling;
    if (this.gap.isLast) await this.gap.fill(false, true);
    this.view.toEnd();
  }
}
