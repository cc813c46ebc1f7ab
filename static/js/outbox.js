// What someone sent and the server has not yet confirmed: shown as pending, tried again under the same id, kept over
// a reload of this tab. One after another, so that the order stays as written.

import { live } from "./live.js";

const SAY_SENDING_AFTER = 400;
const TRIES = 5;
const FORM_WITHIN = 10000;

export class Outbox extends EventTarget {
  constructor(room, form, log) {
    super();
    this.room = room.dataset.room;
    this.form = form;
    this.log = log;
    this.key = `outbox:${room.dataset.me}:${this.room}`;
    this.items = [];
    this.isBusy = false;
    for (const item of stored(this.key)) this.#add(item);
    live.addEventListener("open", () => this.#again());
    this.#work();
  }

  get isEmpty() {
    return this.items.every((item) => item.hasFailed);
  }

  post(text) {
    this.#add({ id: uuid(), text });
    this.#keep();
    this.#work();
  }

  #add(item) {
    const element = document.getElementById("pending-message").content.firstElementChild.cloneNode(true);
    element.querySelector("[data-text]").innerText = item.text;
    element.querySelector("[data-retry]").addEventListener("click", () => this.#retry(item));
    element.querySelector("[data-discard]").addEventListener("click", () => this.#drop(item));
    item.element = element;
    this.items.push(item);
    this.log.addPending(element);
    setTimeout(() => this.#show(item), SAY_SENDING_AFTER);
    item.since = Date.now();
  }

  #show(item) {
    const isLate = Date.now() - item.since >= SAY_SENDING_AFTER;
    item.element.dataset.state = item.hasFailed ? "failed" : "pending";
    item.element.toggleAttribute("aria-busy", !item.hasFailed);
    item.element.querySelector('[data-when="pending"]').hidden = item.hasFailed || !isLate;
    item.element.querySelector('[data-when="failed"]').hidden = !item.hasFailed;
    if (item.reason) item.element.querySelector("[data-reason]").textContent = item.reason;
  }

  async #work() {
    if (this.isBusy) return;
    this.isBusy = true;
    for (let item; (item = this.items.find((one) => !one.hasFailed)); ) await this.#deliver(item);
    this.isBusy = false;
    this.dispatchEvent(new Event("empty"));
  }

  async #deliver(item) {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const answer = live.isOpen ? await this.#bySocket(item) : await this.#byForm(item);
      if (!this.items.includes(item)) return;
      if (answer?.id) {
        this.#settle(item, answer);
        return;
      }
      if (answer?.isFinal) {
        this.#fail(item, answer.reason);
        return;
      }
      if (answer?.reason) item.reason = answer.reason;
      await pause(Math.min(1000 * 2 ** attempt, 8000));
    }
    this.#fail(item, item.reason);
  }

  async #bySocket(item) {
    const answer = await live.ask({ type: "post", room: this.room, client_id: item.id, text: item.text });
    if (answer?.type === "posted") return answer;
    return answer && { reason: answer.reason, isFinal: answer.type === "refused" };
  }

  async #byForm(item) {
    const body = new FormData(this.form);
    body.set("client_id", item.id);
    body.set("text", item.text);
    try {
      const answer = await fetch(this.form.action, {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(FORM_WITHIN),
      });
      if (answer.redirected || answer.status === 403 || answer.status === 404) location.reload();
      const said = await answer.json();
      return answer.ok ? said : { reason: said.reason, isFinal: said.is_final };
    } catch {
      return null;
    }
  }

  // The answer gives the pending message its number; its own fragment follows by socket or is asked for.
  #settle(item, answer) {
    this.#forget(item);
    const isHere = document.getElementById(`message-${answer.id}`);
    if (isHere) item.element.remove();
    else {
      item.element.removeAttribute("aria-busy");
      item.element.dataset.settled = answer.id;
    }
    this.dispatchEvent(new CustomEvent("settled", { detail: answer }));
  }

  #fail(item, reason) {
    item.hasFailed = true;
    item.reason = reason;
    this.#show(item);
    this.log.toEnd();
  }

  #retry(item) {
    item.hasFailed = false;
    item.reason = "";
    item.since = Date.now();
    this.#show(item);
    this.form.querySelector("textarea").focus();
    this.#work();
  }

  #again() {
    for (const item of this.items) if (item.hasFailed && !item.reason) this.#retry(item);
    this.#work();
  }

  #drop(item) {
    this.#forget(item);
    item.element.remove();
    this.form.querySelector("textarea").focus();
  }

  #forget(item) {
    this.items = this.items.filter((one) => one !== item);
    this.#keep();
  }

  #keep() {
    const items = this.items.map(({ id, text }) => ({ id, text }));
    try {
      sessionStorage.setItem(this.key, JSON.stringify(items));
    } catch {
      // Full or forbidden: then a reload loses what was not sent, as it would without this.
    }
  }
}

function stored(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key)) ?? [];
  } catch {
    return [];
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
