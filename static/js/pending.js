// How a message looks that was sent and has no number yet: on its way, or stuck, with the buttons to go on.

const SAY_SENDING_AFTER = 400;

export class Pending {
  constructor(item, { retry, discard }) {
    this.element = document.getElementById("pending-message").content.firstElementChild.cloneNode(true);
    const author = this.element.querySelector(".msg-author");
    author.id = `author-${item.id}`;
    this.element.setAttribute("aria-labelledby", author.id);
    this.element.querySelector("[data-text]").innerText = item.text;
    this.element.querySelector("[data-retry]").addEventListener("click", retry);
    this.element.querySelector("[data-discard]").addEventListener("click", discard);
    this.reason = this.element.querySelector("[data-reason]");
    this.usual = this.reason.textContent;
    this.goOn();
  }

  get holdsFocus() {
    return this.element.contains(document.activeElement);
  }

  goOn() {
    this.#show("pending", true);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.#part("pending").hidden = false), SAY_SENDING_AFTER);
  }

  fail(reason) {
    this.reason.textContent = reason || this.usual;
    this.#show("failed", false);
  }

  // Stored under this id; it gives its place to the message itself as soon as that comes.
  settle(id) {
    this.#show("pending", false);
    this.element.dataset.settled = id;
  }

  #show(state, isBusy) {
    clearTimeout(this.timer);
    this.element.dataset.state = state;
    this.element.setAttribute("aria-busy", isBusy);
    this.#part("pending").hidden = true;
    this.#part("failed").hidden = state !== "failed";
  }

  #part(name) {
    return this.element.querySelector(`[data-when="${name}"]`);
  }
}
