// How long to wait before the next try: twice as long each time, and not everybody at the same moment.

const [FIRST, LONGEST] = [1000, 30000];

export class Backoff {
  #wait = FIRST;

  reset() {
    this.#wait = FIRST;
  }

  next(isLong) {
    const wait = isLong ? LONGEST : this.#wait;
    this.#wait = Math.min(wait * 2, LONGEST);
    return wait * (0.75 + Math.random() / 2);
  }
}
