// "Show older": the page before the first message shown, put in above it. Without this the link leads to a page.

import { number } from "./message.js";

export class Older {
  #isLoading = false;

  constructor(log, element) {
    this.log = log;
    this.element = element;
    this.link = element.querySelector("a");
    this.words = element.querySelector("[data-words]");
    this.usual = this.words.textContent;
    this.link.addEventListener("click", (event) => {
      event.preventDefault();
      this.#load();
    });
  }

  get isThere() {
    return !this.element.hidden;
  }

  show(isThere) {
    if (!isThere && this.element.contains(document.activeElement)) this.log.log.focus({ preventScroll: true });
    this.element.hidden = !isThere;
  }

  async #load() {
    if (this.#isLoading) return;
    this.#isLoading = true;
    this.link.setAttribute("aria-busy", "true");
    const before = number(this.log.numbered[0]);
    const page = await this.log.load({ before }, (found) => {
      this.log.putAll(found.messages);
      this.show(found.hasOlder);
    });
    this.#isLoading = false;
    this.link.removeAttribute("aria-busy");
    this.words.textContent = page ? this.usual : this.words.dataset.failed;
  }
}
