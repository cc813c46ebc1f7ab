// What someone sent and the server has not yet confirmed: shown as pending and tried again under the same id. One after
// another, so that the order stays as written.

import { ask, reloadOnce } from "./ask.js";
import { live } from "./live.js";
import { forgetUnsent, keepUnsent, unsent } from "./unsent.js";

const SAY_SENDING_AFTER = 400;
const TRIES = 5;

export class Outbox extends EventTarget {
  constructor(room, form, log) {
    super();
    this.room = room.dataset.room;
    this.me = room.dataset.me;
    this.form = form;
    this.log = log;
    this.items = [];
    this.isBusy = false;
    for (const item of unsent(this.me, this.room)) this.#add(item);
    live.addEventListener("open", () => this.#again());
    this.#work();
  }

  get isEmpty() {
    return this.items.every((item) => item.hasFailed);
  }

  post(text) {
    const item = { id: uuid(), text, at: Date.now() };
    keepUnsent(this.me, this.room, item);
    this.#add(item);
    this.#work();
  }

  #add(item) {
    const element = document.getElementById("pending-message").content.firstElementChild.cloneNode(true);
    element.querySelector("[data-text]").innerText = item.text;
    element.querySelector("[data-retry]").addEventListener("click", () => this.#retry(item));
    element.querySelector("[data-discard]").addEventListener("click", () => this.#drop(item));
    item.element = element;
    item.since = Date.now();
    this.items.push(item);
    this.log.addPending(element);
    setTimeout(() => this.#show(item), SAY_SENDING_AFTER);
  }

  #show(item) {
    const isLate = Date.now() - item.since >= SAY_SENDING_AFTER;
    item.element.dataset.state = item.hasFailed ? "failed" : "pending";
    item.element.toggleAttribute("aria-busy", !item.hasFailed);
    item.element.querySelector('[data-when="pending"]').hidden = item.hasFailed || !isLate;
    item.element.querySelector('[data-when="failed"]').hidden = !item.hasFailed;
    const reason = item.element.querySelector("[data-reason]");
    reason.dataset.usual ??= reason.textContent;
    reason.textContent = item.reason || reason.dataset.usual;
  }

  async #work() {
    if (this.isBusy) return;
    this.isBusy = true;
    for (let item; (item = this.items.find((one) => !one.isRefused)); ) await this.#deliver(item);
    this.isBusy = false;
    this.dispatchEvent(new Event("empty"));
  }

  // Until it is answered or given up by its author: a full disk or a server that is away heals without anybody's hands.
  // After some tries the page says so; what comes behind waits, so that the order stays.
  async #deliver(item) {
    for (let attempt = 1; ; attempt += 1) {
      const answer = live.isOpen ? await this.#bySocket(item) : await this.#byForm(item);
      if (!this.items.includes(item)) return;
      if (answer?.id) {
        this.#settle(item, answer);
        return;
      }
      item.reason = answer?.reason ?? item.reason;
      item.isRefused = Boolean(answer?.isFinal);
      if (item.isRefused || attempt === TRIES) this.#fail(item);
      if (item.isRefused) return;
      await pause(Math.min(500 * 2 ** attempt, 8000));
      if (!this.items.includes(item)) return;
    }
  }

  #fail(item) {
    item.hasFailed = true;
    this.#show(item);
    this.log.toEnd();
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
    if (document.getElementById(`message-${answer.id}`)) item.element.remove();
    else {
      item.element.removeAttribute("aria-busy");
      item.element.dataset.settled = answer.id;
    }
    this.dispatchEvent(new CustomEvent("settled", { detail: answer }));
  }

  #retry(item) {
    item.hasFailed = item.isRefused = false;
    item.reason = "";
    item.since = Date.now();
    this.#show(item);
    this.#work();
  }

  #again() {
    for (const item of this.items) if (item.hasFailed && !item.isRefused) this.#retry(item);
    this.#work();
  }

  #drop(item) {
    this.#forget(item);
    item.element.remove();
    this.form.querySelector("textarea").focus();
  }

  #forget(item) {
    this.items = this.items.filter((one) => one !== item);
    forgetUnsent(this.me, this.room, item.id);
  }
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// crypto.randomUUID exists on https and localhost only; a Kreis in a home network may have neither.
function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}
