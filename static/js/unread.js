// The line above what is new. It stays until one leaves the room; where its place is not shown, it waits for it.

import { NUMBERED } from "./grouping.js";
import { number } from "./message.js";

export class Unread {
  #line = document.getElementById("unread");
  #from = 0;

  constructor(log) {
    this.log = log;
    let message = this.#line;
    while (message && !message.matches(NUMBERED)) message = message.nextElementSibling;
    if (message) this.#from = number(message);
  }

  get isSet() {
    return this.#from > 0;
  }

  // New from this number on. What comes late may have a smaller one.
  begin(sequence) {
    if (this.#from) return;
    this.#from = sequence;
    this.#line = document.getElementById("unread-line").content.firstElementChild.cloneNode(true);
  }

  draw(hasOlder) {
    if (!this.#from) return;
    const messages = [...this.log.querySelectorAll(NUMBERED)];
    const message = messages.find((one) => number(one) >= this.#from);
    // Above the first of those shown there may be more that is new.
    if (!message || (message === messages[0] && hasOlder && number(message) > this.#from)) this.#line.remove();
    else {
      let place = message;
      while (place.previousElementSibling?.matches(".day, [data-gap]")) place = place.previousElementSibling;
      if (!place.matches("[data-gap]")) place = message;
      if (place.previousElementSibling !== this.#line) place.before(this.#line);
    }
  }
}
