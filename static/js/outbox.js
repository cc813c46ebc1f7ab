// What someone sent and the server has not yet confirmed: shown as pending and tried again under the same id. One after
// another, so that the order stays as written.

import { ask, reloadOnce } from "./ask.js";
import { live } from "./live.js";
import { Pending } from "./pending.js";
import { forgetUnsent, keepUnsent, onForgotten, unsent } from "./unsent.js";
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
    this.#again();
    live.addEventListener("open", () => this.#again());
    onWake(() => this.#again());
    onForgotten(this.me, this.room, (id) => this.#settledElsewhere(id));
  }

  get isEmpty() {
    return this.items.every((item) => item.hasFailed);
  }

  post(text) {
    // The order is kept also when the clock was set back in between.
    const at = Math.max(Date.now(), 1 + Math.max(0, ...this.items.map((item) => item.at)));
    const item = { id: uuid(), text, at };
    keepUnsent(this.me, this.room, item);
    this.#add(item, false);
    this.#work();
  }

  // Failed ones once more, and what another tab left behind: sent by both, it is stored once.
  #again() {
    for (const item of this.items) if (item.hasFailed && !item.isRefused) this.#goOn(item);
    for (const item of unsent(this.me, this.room))
      if (!this.items.some((one) => one.id === item.id)) this.#add(item, true);
    this.#work();
  }

  #add(item, isFromBefore) {
    item.pending = new Pending(item, { retry: () => this.#retry(item), discard: () => this.#discard(item) });
    this.items.push(item);
    this.log.addPending(item.pending.element, isFromBefore);
  }

  async #work() {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let item; (item = this.items.find((one) => !one.isRefused)); ) await this.#deliver(item);
    this.#isBusy = false;
    this.dispatchEvent(new Event("empty"));
  }

  // Until it is answered or given up by its author: a full disk or a server that is away heals without anybody's hands.
  // After some tries the page says so; what comes behind waits, so that the order stays.
  async #deliver(item) {
    let isHeard = true;
    for (let attempt = 1; this.items.includes(item); attempt += 1) {
      // A socket that did not answer may be half-open: then the form, while the socket is looked after.
      const answer = live.isOpen && isHeard ? await this.#bySocket(item) : await this.#byForm(item);
      if (!this.items.includes(item)) return;
      if (answer?.id) return this.#settle(item, answer);
      isHeard = Boolean(answer);
      if (!isHeard && live.isOpen) live.wake();
      item.reason = answer?.reason ?? item.reason;
      item.isRefused = Boolean(answer?.isFinal);
      if (item.isRefused || (attempt >= TRIES && !item.hasFailed)) this.#fail(item);
      if (item.isRefused) return;
      await pause(Math.min(500 * 2 ** attempt, 8000));
    }
  }

  #fail(item) {
    item.hasFailed = true;
    const isAtEnd = this.log.view.isFollowing;
    item.pending.fail(item.reason);
    if (isAtEnd) this.log.view.toEnd();
    if (this.isEmpty) this.dispatchEvent(new Event("empty"));
  }

  async #bySocket(item) {
    const answer = await live.ask({ type: "post", room: this.room, client_id: item.id, text: item.text });
    if (answer?.type === "posted") return answer;
    return answer && { reason: answer.reason, isFinal: answer.type === "refused" };
  }

  async #byForm(item) {
    const answer = await ask(this.form.action, { fields: { client_id: item.id, text: item.text } });
    if (answer?.ok) return answer.data;
    if (answer?.isGone && reloadOnce()) return null;
    return answer && { reason: answer.data?.reason, isFinal: answer.data?.is_final ?? answer.isGone };
  }

  // The answer gives the pending message its number; its own fragment follows by socket or is asked for.
  #settle(item, answer) {
    this.#forget(item);
    if (document.getElementById(`message-${answer.id}`)) this.#remove(item);
    else item.pending.settle(answer.id);
    this.dispatchEvent(new CustomEvent("settled", { detail: answer }));
  }

  #settledElsewhere(id) {
    const item = this.items.find((one) => one.id === id);
    if (!item) return;
    this.items = this.items.filter((one) => one !== item);
    this.#remove(item);
    // What was held back for it may now be shown.
    if (this.isEmpty) this.dispatchEvent(new Event("empty"));
  }

  #retry(item) {
    this.form.querySelector("textarea").focus({ preventScroll: true });
    this.#goOn(item);
    this.#work();
  }

  #goOn(item) {
    item.hasFailed = item.isRefused = false;
    item.reason = "";
    item.pending.goOn();
  }

  #discard(item) {
    this.#forget(item);
    this.#remove(item);
  }

  #remove(item) {
    if (item.pending.holdsFocus) this.form.querySelector("textarea").focus({ preventScroll: true });
    item.pending.element.remove();
  }

  #forget(item) {
    this.items = this.items.filter((one) => one !== item);
    forgetUnsent(this.me, this.room, item.id);
  }
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
