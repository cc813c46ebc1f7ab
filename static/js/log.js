// The conversation: puts messages where their numbers belong, keeps the view still, says what is new.

import { showTimes } from "./times.js";

const BURST = 7 * 60 * 1000;
const ANNOUNCE_EVERY = 3000;

export class Log extends EventTarget {
  constructor(room, log) {
    super();
    this.me = room.dataset.me;
    this.log = log;
    this.end = log.querySelector(".newer");
    this.isAtNewest = room.dataset.newer !== "yes";
    this.pill = room.querySelector("[data-jump]");
    this.status = document.getElementById("announcements");
    this.words = document.getElementById("words").dataset;
    this.waiting = [];
    this.isFollowing = true;
    this.pill.addEventListener("click", () => this.toEnd(true));
    log.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    // What grows below the fold (a wrapped line, the keyboard of a phone) must not push the newest out of sight.
    new ResizeObserver(() => this.isFollowing && this.#jump()).observe(log);
    this.#open();
  }

  get lastSequence() {
    return Number([...this.log.querySelectorAll(".msg[data-sequence]")].at(-1)?.dataset.sequence ?? 0);
  }

  // A frame of a message: new, edited or deleted. Twice or out of order does no harm.
  apply(frame) {
    const here = document.getElementById(`message-${frame.id}`);
    if (here) {
      if (Number(here.dataset.change) < frame.change) this.#replace(here, frame);
      return;
    }
    if (!this.isAtNewest) {
      this.#showPill(frame);
      return;
    }
    const before = this.#before(frame.sequence);
    // Older than what is shown: it comes when someone asks for older ones.
    if (!before && this.log.querySelector("[data-older]")) return;
    this.log.querySelector("[data-empty]")?.remove();
    const message = this.#element(frame);
    if (before) before.after(message);
    else this.log.prepend(message);
    this.#arrange(message);
    this.#arrived(message, frame);
  }

  // At the end, behind all that has a number: what is still on its way.
  addPending(element) {
    this.log.querySelector("[data-empty]")?.remove();
    this.log.append(element);
    this.toEnd();
  }

  // Older messages above, without moving what is read.
  prependOlder(html, button) {
    const from = this.log.scrollHeight - this.log.scrollTop;
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const first = this.log.querySelector(".day");
    button.after(holder.content);
    showTimes(this.log);
    // The same day must not be named twice where the pages meet.
    const days = [...this.log.querySelectorAll(".day")];
    const at = days.indexOf(first);
    if (at > 0 && day(days[at - 1].querySelector("time")) === day(first.querySelector("time"))) first.remove();
    this.log.scrollTop = this.log.scrollHeight - from;
  }

  toEnd(isAsked = false) {
    if (!this.isAtNewest && isAsked) {
      location.assign(location.pathname);
      return;
    }
    this.isFollowing = true;
    this.pill.hidden = true;
    this.#jump();
  }

  #jump() {
    this.log.scrollTop = this.log.scrollHeight;
  }

  #open() {
    const place = location.hash.startsWith("#message-") && document.getElementById(location.hash.slice(1));
    const unread = document.getElementById("unread");
    if (place) place.scrollIntoView({ block: "center" });
    else if (unread) this.log.scrollTop += unread.getBoundingClientRect().top - this.log.getBoundingClientRect().top - 48;
    else this.#jump();
    requestAnimationFrame(() => this.#scrolled());
  }

  #scrolled() {
    const isEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 24;
    this.isFollowing = isEnd;
    if (!isEnd || !this.isAtNewest) return;
    this.pill.hidden = true;
    this.dispatchEvent(new Event("end"));
  }

  #before(sequence) {
    const numbered = [...this.log.querySelectorAll(".msg[data-sequence]")];
    return numbered.findLast((message) => Number(message.dataset.sequence) < sequence);
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
    this.#group(message);
    this.#group(next(message));
    if (hadFocus) (message.querySelector("a, button") ?? this.log).focus();
  }

  #arrange(message) {
    const before = previous(message);
    const time = message.querySelector("time");
    if (time && day(before?.querySelector("time")) !== day(time) && !message.previousElementSibling?.matches(".day")) {
      const divider = document.getElementById("day-divider").content.firstElementChild.cloneNode(true);
      divider.querySelector("time").dateTime = time.dateTime;
      message.before(divider);
      showTimes(divider);
    }
    this.#group(message);
    this.#group(next(message));
  }

  // Messages of one person in a row stand under one name.
  #group(message) {
    if (!message) return;
    const before = message.previousElementSibling;
    const follows =
      before?.matches(".msg[data-sequence]:not([data-deleted])") &&
      !message.matches("[data-deleted]") &&
      before.dataset.author === message.dataset.author &&
      moment(message) - moment(before) < BURST;
    message.toggleAttribute("data-more", Boolean(follows));
  }

  #arrived(message, frame) {
    const isMine = frame.author === this.me;
    if (isMine) this.toEnd();
    else {
      if (document.visibilityState !== "visible" && !document.getElementById("unread"))
        message.before(document.getElementById("unread-line").content.cloneNode(true));
      if (this.isFollowing) this.#jump();
      else this.#showPill(frame);
      this.#announce(message);
    }
    if (this.isFollowing) this.dispatchEvent(new Event("end"));
  }

  #showPill(frame) {
    if (frame.author !== this.me) this.pill.hidden = false;
  }

  #announce(message) {
    const author = message.querySelector(".msg-author")?.textContent ?? "";
    this.waiting.push(`${author}: ${message.querySelector(".msg-text")?.textContent.trim() ?? ""}`);
    if (this.waiting.length > 1) return;
    const wait = Math.max(0, (this.saidAt ?? 0) + ANNOUNCE_EVERY - Date.now());
    setTimeout(() => {
      const many = this.words.manyMessages.replace("{count}", this.waiting.length);
      this.status.textContent = this.waiting.length === 1 ? this.waiting[0] : many;
      this.waiting = [];
      this.saidAt = Date.now();
    }, wait);
  }
}

const moment = (message) => new Date(message.querySelector("time")?.dateTime ?? 0).getTime();
const day = (time) => time && new Date(time.dateTime).toDateString();

function previous(message) {
  let before = message.previousElementSibling;
  while (before && !before.matches(".msg[data-sequence]")) before = before.previousElementSibling;
  return before;
}

function next(message) {
  const after = message.nextElementSibling;
  return after?.matches(".msg[data-sequence]") ? after : null;
}
