// The conversation: puts messages where their numbers belong and says what is new.

import { Announcer } from "./announcer.js";
import { NUMBERED, drawDays, group, next } from "./grouping.js";
import { showTimes } from "./times.js";
import { View } from "./view.js";


export class Log extends EventTarget {
  constructor(room, log) {
    super();
    this.me = room.dataset.me;
    this.log = log;
    this.isAtNewest = room.dataset.newer !== "yes";
    this.pill = room.querySelector("[data-jump]");
    this.announcer = new Announcer();
    this.view = new View(log, this.pill);
    this.pill.addEventListener("click", () => this.toNewest());
    this.view.addEventListener("end", () => {
      if (this.isAtNewest) this.pill.hidden = true;
      this.dispatchEvent(new Event("end"));
    });
    drawDays(this.log);
    this.view.open();
  }

  get isAtEnd() {
    return this.view.isFollowing;
  }

  get lastSequence() {
    return Number([...this.log.querySelectorAll(NUMBERED)].at(-1)?.dataset.sequence ?? 0);
  }

  // A frame of a message: new, edited or deleted; twice or out of order does no harm. Returns whether it stands here now.
  apply(frame) {
    const here = document.getElementById(`message-${frame.id}`);
    if (here) {
      if (Number(here.dataset.change) < frame.change) this.#replace(here, frame);
      return true;
    }
    if (!this.isAtNewest) {
      if (frame.sequence > this.lastSequence) this.#showPill(frame);
      return false;
    }
    const numbered = [...this.log.querySelectorAll(NUMBERED)];
    const before = numbered.findLast((message) => Number(message.dataset.sequence) < frame.sequence);
    // Older than what is shown: it comes when someone asks for older ones.
    if (!before && this.log.querySelector("[data-older]")) return false;
    this.log.querySelector("[data-empty]")?.remove();
    const message = this.#element(frame);
    if (before) before.after(message);
    else if (numbered.length) numbered[0].before(message);
    else this.log.prepend(message);
    group(message);
    group(next(message));
    drawDays(this.log);
    this.#arrived(message, frame);
    return true;
  }

  // At the end, behind all that has a number: what is still on its way.
  addPending(element) {
    this.log.querySelector("[data-empty]")?.remove();
    this.log.querySelector("#newest").before(element);
    this.view.toEnd();
  }

  prependOlder(html, after) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    for (const message of holder.content.querySelectorAll(NUMBERED)) if (document.getElementById(message.id)) message.remove();
    const seam = this.log.querySelector(NUMBERED);
    this.view.keep(() => {
      after.after(holder.content);
      group(seam);
      drawDays(this.log);
      showTimes(this.log);
    });
  }

  toEnd() {
    this.view.toEnd();
  }

  toNewest() {
    if (this.isAtNewest) this.view.toEnd();
    else location.assign(`${location.pathname}?at=newest`);
  }

  #element(frame) {
    const holder = document.createElement("template");
    holder.innerHTML = frame.html;
    const message = holder.content.firstElementChild;
    message.toggleAttribute("data-mine", message.dataset.author === this.me);
    showTimes(message.parentNode);
    return message;
  }

  #replace(here, frame) {
    const hadFocus = here.contains(document.activeElement);
    const message = this.#element(frame);
    here.replaceWith(message);
    group(message);
    group(next(message));
    if (hadFocus) (message.querySelector("a, button") ?? this.log).focus();
  }

  #arrived(message, frame) {
    const isFollowing = this.view.isFollowing;
    if (frame.author !== this.me && !message.matches("[data-deleted]")) {
      if (document.visibilityState !== "visible" && !document.getElementById("unread"))
        message.before(document.getElementById("unread-line").content.cloneNode(true));
      if (!isFollowing) this.#showPill(frame);
      this.announcer.tell(message);
    }
    if (!isFollowing) return;
    this.view.toEnd();
    this.dispatchEvent(new Event("end"));
  }

  #showPill(frame) {
    if (frame.author !== this.me) this.pill.hidden = false;
  }
}
