// Where one writes: Enter sends, drafts stay in this browser, the arrow edits one's last message.

export class Composer {
  constructor(room, form, outbox) {
    this.form = form;
    this.field = form.querySelector("textarea");
    this.outbox = outbox;
    this.key = `draft:${room.dataset.me}:${room.dataset.room}`;
    this.hasKeyboard = matchMedia("(pointer: fine)").matches;
    this.#restore();
    form.addEventListener("submit", (event) => this.#submit(event));
    this.field.addEventListener("input", () => this.#keep());
    addEventListener("pagehide", () => this.field.value && this.#keep());
    addEventListener("storage", (event) => this.#sentElsewhere(event));
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.field.enterKeyHint = this.hasKeyboard ? "send" : "enter";
  }

  #submit(event) {
    event.preventDefault();
    const text = this.field.value;
    if (!text.trim()) return;
    this.outbox.post(text);
    this.field.value = "";
    this.form.querySelector("[role=alert]").hidden = true;
    this.field.removeAttribute("aria-invalid");
    this.#keep();
    this.field.focus();
  }

  #key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey && this.hasKeyboard) {
      event.preventDefault();
      this.form.requestSubmit();
    } else if (event.key === "ArrowUp" && !this.field.value) {
      const mine = [...document.querySelectorAll(".msg[data-mine][data-sequence]:not([data-deleted]) [data-edit]")];
      if (mine.length) event.preventDefault();
      mine.at(-1)?.click();
    }
  }

  // The same draft stood in another tab and was sent or emptied there.
  #sentElsewhere({ key, oldValue, newValue }) {
    if (key === this.key && newValue === null && this.field.value === oldValue) this.field.value = "";
  }

  #restore() {
    try {
      this.field.value ||= localStorage.getItem(this.key) ?? "";
    } catch {
      // Storage is forbidden: no drafts, writing works.
    }
  }

  #keep() {
    try {
      if (this.field.value) localStorage.setItem(this.key, this.field.value);
      else localStorage.removeItem(this.key);
    } catch {
      // See above.
    }
  }
}
