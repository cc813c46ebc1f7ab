// Tells a screen reader what others write: at most one thing in three seconds, else how many it were.

const EVERY = 3000;

export class Announcer {
  #waiting = [];
  #saidAt = 0;

  constructor() {
    this.status = document.getElementById("announcements");
    this.many = document.getElementById("words").dataset.manyMessages;
  }

  tell(message) {
    const author = message.querySelector(".msg-author")?.textContent ?? "";
    this.#waiting.push(`${author}: ${message.querySelector(".msg-text")?.textContent.trim() ?? ""}`);
    if (this.#waiting.length === 1) setTimeout(() => this.#say(), Math.max(0, this.#saidAt + EVERY - Date.now()));
  }

  #say() {
    const count = this.#waiting.length;
    this.status.textContent = count === 1 ? this.#waiting[0] : this.many.replace("{count}", count);
    this.#waiting = [];
    this.#saidAt = Date.now();
  }
}
