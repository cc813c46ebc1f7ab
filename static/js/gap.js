// What is not shown between two stretches of a conversation, or behind its only one: a divider that fills, page by page,
// from the side one reads on, until the two edges meet. There is one at most; `to` is the number behind it.

import { focusOn, number } from "./message.js";

export class Gap {
  to = Infinity;
  filling = null;
  #isAsked = false;

  constructor(log) {
    this.log = log;
    this.element = document.getElementById("gap").content.firstElementChild.cloneNode(true);
    this.words = this.element.querySelector("[data-words]");
    this.button = this.element.querySelector("button");
    this.button.addEventListener("click", () => this.fill(true));
    this.observer = new IntersectionObserver(([entry]) => entry.isIntersecting && this.#reached(), { root: log.log });
    this.observer.observe(this.element);
  }

  get isOpen() {
    return this.element.isConnected;
  }

  // Nothing stands behind it yet: the newest is not shown.
  get isLast() {
    return this.isOpen && this.to === Infinity;
  }

  get old() {
    return this.log.numbered.filter((message) => number(message) < this.to);
  }

  get new() {
    return this.log.numbered.filter((message) => number(message) >= this.to);
  }

  open(after, to) {
    this.to = to;
    this.#say("idle");
    after.after(this.element);
  }

  close() {
    const hadFocus = this.element.contains(document.activeElement);
    const next = this.element.nextElementSibling;
    this.element.remove();
    this.to = Infinity;
    if (hadFocus) focusOn(next?.closest(".msg") ?? this.log.numbered.at(-1));
  }

  // On which side a message belongs; null where it lies in the gap, for then it comes when that is filled.
  sideOf(sequence) {
    if (!this.isOpen) return "new";
    const last = number(this.old.at(-1));
    if (sequence < this.to && sequence <= last + 1) return "old";
    if (this.to === Infinity || sequence === this.to - 1) this.to = sequence;
    return sequence >= this.to ? "new" : null;
  }

  // Once the divider can be seen somebody reads here.
  #reached() {
    if (!this.filling && this.button.dataset.state !== "failed") this.fill(false);
  }

  again() {
    if (!this.isOpen || this.button.dataset.state !== "failed") return;
    this.#say("idle");
    this.#observe();
  }

  // `isAsked`: by the button, so that the focus goes on to what it brought.
  fill(isAsked, isFromNewest = this.#isReadFromBelow()) {
    this.#isAsked ||= isAsked;
    this.filling ??= this.#fill(isFromNewest).finally(() => {
      this.filling = null;
      this.#isAsked = false;
    });
    return this.filling;
  }

  async #fill(isFromNewest) {
    if (!this.isOpen) return;
    const edge = isFromNewest ? this.to : number(this.old.at(-1));
    if (!isFromNewest) this.log.cameTo(edge);
    this.#say("loading");
    const query = isFromNewest ? (this.isLast ? {} : { before: edge }) : { after: edge };
    // What one reads is what the page is put in beside, from the other side of the divider.
    const anchor = () => (isFromNewest ? this.log.view.inSight.find((one) => !(number(one) < this.to)) : undefined);
    const page = await this.log.load(query, (found) => this.#take(found, isFromNewest, edge), anchor);
    this.#say(page ? "idle" : "failed");
    const next = isFromNewest ? page?.messages.at(-1) : page?.messages[0];
    if (this.#isAsked && next) focusOn(document.getElementById(next.id) ?? this.log.numbered.at(-1));
    if (this.isOpen && page) this.#observe();
  }

  #take({ messages, hasOlder, hasNewer }, isFromNewest, edge) {
    if (!this.isOpen || !messages.length) return this.close();
    const last = number(this.old.at(-1));
    // Meanwhile the edge was taken back, and the page would hang in the air.
    if (isFromNewest ? this.to > edge : last < edge) return;
    const haveMet = isFromNewest
      ? !hasOlder || messages.some((message) => number(message) <= last + 1)
      : !hasNewer || messages.some((message) => number(message) >= this.to - 1);
    if (isFromNewest) this.to = Math.min(this.to, Math.max(last + 1, number(messages[0])));
    this.log.putAll(messages);
    if (haveMet) this.close();
  }

  #isReadFromBelow() {
    if (this.isLast) return false;
    const { top, bottom } = this.log.log.getBoundingClientRect();
    return this.log.view.isFollowing || this.element.getBoundingClientRect().top < (top + bottom) / 2;
  }

  // Tells again where it is: after a page it may still be in sight.
  #observe() {
    this.observer.unobserve(this.element);
    this.observer.observe(this.element);
  }

  #say(state) {
    this.button.dataset.state = state;
    this.button.setAttribute("aria-busy", state === "loading");
    this.words.textContent = this.words.dataset[state];
  }
}
