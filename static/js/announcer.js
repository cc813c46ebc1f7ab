// Tells a screen reader what others write: at most one thing in three seconds, else how many it were. Said is said: it does
// not stay there for whoever comes by later.

const EVERY = 3000;
const STAYS = 5000;

export class Announcer {
  #waiting = [];
  #isTooMuch = false;
  #timer = 0;
  #clearing = 0;
  #said = "";
  #saidAt = -EVERY;

  constructor() {
    this.status = document.getElementById("announcements");
    this.words = document.getElementById("words").dataset;
  }

  tell(message) {
    const author = message.querySelector(".msg-author")?.textContent ?? "";
    const text = message.querySelector(".msg-text")?.textContent.trim() ?? "";
    this.#waiting.push({ id: message.id, words: `${author}: ${text}` });
    this.#soon();
  }

  // Its author took it back.
  forget(message) {
    this.#waiting = this.#waiting.filter(({ id }) => id !== message.id);
    if (this.#said === message.id) this.#clear();
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
    this.#timer = 0;
    const count = this.#waiting.length;
    if (!count && !this.#isTooMuch) return;
    const isOne = count === 1 && !this.#isTooMuch;
    const number = this.words.manyMessages.replace("{count}", count);
    this.status.textContent = this.#isTooMuch ? this.words.tooMany : isOne ? this.#waiting[0].words : number;
    this.#said = isOne ? this.#waiting[0].id : "";
    this.#waiting = [];
    this.#isTooMuch = false;
    this.#saidAt = performance.now();
    clearTimeout(this.#clearing);
    this.#clearing = setTimeout(() => this.#clear(), STAYS);
  }

  #clear() {
    this.status.textContent = this.#said = "";
  }
}
