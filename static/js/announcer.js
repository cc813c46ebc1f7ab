// Tells a screen reader what others write: at most one thing in three seconds, else how many it were.

const EVERY = 3000;

export class Announcer {
  #waiting = [];
  #isTooMuch = false;
  #timer = 0;
  #saidAt = -EVERY;

  constructor() {
    this.status = document.getElementById("announcements");
    this.words = document.getElementById("words").dataset;
  }

  tell(message) {
    const author = message.querySelector(".msg-author")?.textContent ?? "";
    this.#waiting.push(`${author}: ${message.querySelector(".msg-text")?.textContent.trim() ?? ""}`);
    this.#soon();
  }

  // More than was told one by one: nobody counted.
  tellMany() {
    this.#isTooMuch = true;
    this.#soon();
  }

  #soon() {
    this.#timer ||= setTimeout(() => this.#say(), Math.max(0, this.#saidAt + EVERY - performance.now()));
  }

  #say() {
    const count = this.#waiting.length;
    const number = this.words.manyMessages.replace("{count}", count);
    this.status.textContent = this.#isTooMuch ? this.words.tooMany : count === 1 ? this.#waiting[0] : number;
    this.#waiting = [];
    this.#isTooMuch = false;
    this.#timer = 0;
    this.#saidAt = performance.now();
  }
}
