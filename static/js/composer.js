// Where one writes: Enter sends, drafts stay in this browser, the arrow edits one's last message.

const isWithMore = (event) => event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;

export class Composer {
  // What storage holds, as far as this page knows.
  #kept = "";

  constructor(room, form, outbox) {
    this.form = form;
    this.field = form.querySelector("textarea");
    this.outbox = outbox;
    this.key = `draft:${room.dataset.me}:${room.dataset.room}`;
    this.hasKeyboard = matchMedia("(pointer: fine)").matches;
    this.#restore();
    form.addEventListener("submit", (event) => this.#submit(event));
    this.field.addEventListener("input", () => this.#keep());
    // Not what `input` has kept already: another tab may have written on.
    addEventListener("pagehide", () => this.field.value !== this.#kept && this.#keep());
    addEventListener("pageshow", (event) => event.persisted && this.#backAgain());
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
    } else if (event.key === "ArrowUp" && !this.field.value && !isWithMore(event)) {
      const mine = [...document.querySelectorAll(".msg[data-mine][data-sequence]:not([data-deleted]) [data-edit]")];
      if (mine.length) event.preventDefault();
      mine.at(-1)?.click();
    }
  }

  // The same draft stood in another tab and was sent or emptied there.
  #sentElsewhere({ key, oldValue, newValue }) {
    if (key !== this.key || newValue !== null || this.field.value !== oldValue) return;
    this.field.value = this.#kept = "";
  }

  // What was written on, sent or emptied elsewhere while this page slept.
  #backAgain() {
    const hasMore = this.field.value !== this.#kept;
    this.#kept = this.#stored();
    if (!hasMore) this.field.value = this.#kept;
  }

  #restore() {
    this.#kept = this.#stored();
    this.field.value ||= this.#kept;
  }

  #stored() {
    try {
      return localStorage.getItem(this.key) ?? "";
    } catch {
      return this.#kept; // Storage is forbidden: no drafts, writing works.
    }
  }

  #keep() {
    const before = this.#kept;
    this.#kept = this.field.value;
    try {
      if (this.#kept) localStorage.setItem(this.key, this.#kept);
      else if (localStorage.getItem(this.key) === before) localStorage.removeItem(this.key);
    } catch {
      // See above.
    }
  }
}
