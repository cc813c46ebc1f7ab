// How a message looks that was sent and has no number yet: on its way, or stuck, with the buttons to go on.

const SAY_SENDING_AFTER = 400;
// Of many that are stuck at once one is said aloud; the others stand there.
const ALERT_EVERY = 3000;
let alertedAt = -ALERT_EVERY;

export class Pending {
  // Which reason was said aloud: the same one again is nothing new.
  said = "";

  // Without `retry` it can only be read and discarded.
  constructor(item, { retry = null, discard }) {
    this.element = document.getElementById("pending-message").content.firstElementChild.cloneNode(true);
    const author = this.element.querySelector(".msg-author");
    author.id = `author-${item.id}`;
    this.element.setAttribute("aria-labelledby", author.id);
    this.element.querySelector("[data-text]").innerText = item.text;
    const again = this.element.querySelector("[data-retry]");
    again.addEventListener("click", retry);
    again.hidden = !retry;
    const away = this.element.querySelector("[data-discard]");
    away.addEventListener("click", discard);
    if (!retry) delete away.dataset.kind; // alone, it is no second choice
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
    const isSaid = this.reason.textContent !== this.said && performance.now() - alertedAt >= ALERT_EVERY;
    if (isSaid) this.said = this.reason.textContent;
    if (isSaid) alertedAt = performance.now();
    if (isSaid) this.#part("failed").setAttribute("role", "alert");
    else this.#part("failed").removeAttribute("role");
    this.#show("failed", false);
  }

  // Stored under this id; it gives its place to the message itself as soon as that comes.
  settle(id) {
    this.#show("pending", false);
    this.element.dataset.settled = id;
  }

  #show(state, isBusy) {
    clearTimeout(this.timer);
    const stoodAtButton = this.#part("failed").contains(document.activeElement);
    this.element.dataset.state = state;
    this.element.setAttribute("aria-busy", isBusy);
    this.#part("pending").hidden = true;
    this.#part("failed").hidden = state !== "failed";
    if (stoodAtButton && state !== "failed") this.element.focus({ preventScroll: true });
  }

  #part(name) {
    return this.element.querySelector(`[data-when="${name}"]`);
  }
}
