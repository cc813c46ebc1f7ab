// What someone sent and the server has not yet confirmed: shown as pending and tried again under the same id. One after
// another, so that the order stays as written.

import { Delivery } from "./delivery.js";
import { live } from "./live.js";
import { giveWay } from "./message.js";
import { Pending } from "./pending.js";
import { forgetUnsent, isHeld, isUnsent, keepUnsent, onForgotten, unsent } from "./unsent.js";
import { uuid } from "./uuid.js";
import { onWake } from "./waking.js";

const TRIES = 5;

export class Outbox extends EventTarget {
  #isBusy = false;

  constructor(room, form, log) {
    super();
    this.room = room.dataset.room;
    this.me = room.dataset.me;
    this.form = form;
    this.log = log;
    this.items = [];
    this.delivery = new Delivery(this.room, form.action);
    this.#again();
    live.addEventListener("open", () => this.#again());
    onWake(() => this.#again());
    onForgotten(this.me, this.room, () => this.#lookAfter());
  }

  get isEmpty() {
    return this.items.every((item) => item.hasFailed);
  }

  post(text) {
    const item = { id: uuid(), text, at: this.#moment() };
    item.isKept = keepUnsent(this.me, this.room, item);
    this.#add(item, false);
    this.#work();
  }

  // The order is kept also when the clock was set back in between.
  #moment() {
    return Math.max(Date.now(), 1 + Math.max(0, ...this.items.map((item) => item.at)));
  }

  // Failed ones once more, and what another tab left behind: sent by both, it is stored once.
  #again() {
    this.delivery.stir();
    this.#lookAfter();
    for (const item of this.items) if (item.hasFailed && !item.isHeld) this.#goOn(item);
    for (const item of unsent(this.me, this.room))
      if (!this.items.some((one) => one.id === item.id)) this.#add({ ...item, isKept: true }, true);
    this.#work();
  }

  #add(item, isFromBefore) {
    item.pending = new Pending(item, { retry: () => this.#retry(item), discard: () => this.#takeAway(item) });
    this.items.push(item);
    this.log.addPending(item.pending.element, isFromBefore);
    if (isHeld(item)) this.#hold(item);
  }

  async #work() {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let item; (item = this.items.find((one) => !one.isHeld)); ) await this.#deliver(item);
    this.#isBusy = false;
    this.dispatchEvent(new Event("empty"));
  }

  // Until it is answered or given up by its author: a full disk or a server that is away heals without anybody's hands.
  // After some tries the page says so; what comes behind waits, so that the order stays.
  async #deliver(item) {
    const inVain = (attempt, reason) => {
      item.reason = reason ?? item.reason;
      if (attempt >= TRIES && !item.hasFailed) this.#fail(item);
    };
    const answer = await this.delivery.send(item, () => this.#isWanted(item), inVain);
    if (!answer || !this.items.includes(item)) return;
    if (answer.id) return this.#settle(item, answer);
    item.refused = item.reason = answer.reason ?? "";
    item.isKept = keepUnsent(this.me, this.room, item);
    this.#hold(item);
  }

  #isWanted(item) {
    this.#lookAfter();
    if (this.items.includes(item) && isHeld(item)) this.#hold(item);
    return this.items.includes(item) && !item.isHeld;
  }

  // What others sent or discarded is gone; while this page slept it could not hear of it.
  #lookAfter() {
    const isGone = (item) => item.isKept && !isUnsent(this.me, this.room, item.id);
    for (const item of this.items.filter(isGone)) this.#takeAway(item);
  }

  // From here on it is the author's.
  #hold(item) {
    item.isHeld = true;
    item.reason ||= item.refused;
    this.#fail(item);
  }

  #fail(item) {
    item.hasFailed = true;
    this.log.view.hold(() => item.pending.fail(item.reason));
    if (this.isEmpty) this.dispatchEvent(new Event("empty"));
  }

  // The answer gives the pending message its number; its own fragment follows by socket or is asked for.
  #settle(item, answer) {
    this.#forget(item);
    const message = document.getElementById(`message-${answer.id}`);
    if (message) giveWay(item.pending.element, message);
    else item.pending.settle(answer.id);
    this.dispatchEvent(new CustomEvent("settled", { detail: answer }));
  }

  // Answered or discarded, here or elsewhere.
  #takeAway(item) {
    this.#forget(item);
    if (item.pending.holdsFocus) this.form.querySelector("textarea").focus({ preventScroll: true });
    item.pending.element.remove();
    // What was held back for it may now be shown.
    if (this.isEmpty) this.dispatchEvent(new Event("empty"));
  }

  #retry(item) {
    this.form.querySelector("textarea").focus({ preventScroll: true });
    if (item.isHeld) this.#moveToEnd(item);
    item.pending.said = ""; // whoever asks again is answered again
    this.#goOn(item);
    this.delivery.stir();
    this.#work();
  }

  // What was held goes out behind what was written since.
  #moveToEnd(item) {
    item.at = this.#moment();
    delete item.refused;
    item.isKept = keepUnsent(this.me, this.room, item);
    this.items = [...this.items.filter((one) => one !== item), item];
    this.log.addPending(item.pending.element, true);
  }

  #goOn(item) {
    item.hasFailed = item.isHeld = false;
    item.reason = "";
    item.pending.goOn();
  }

  #forget(item) {
    this.items = this.items.filter((one) => one !== item);
    forgetUnsent(this.me, this.room, item.id);
  }
}
