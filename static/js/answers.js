// Who waits for which answer: by the client_id the question carried. Null where none came in time.

export class Answers {
  #waiting = new Map();

  to(id, within) {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.give(id, null), within);
      this.#waiting.set(id, { resolve, timer });
    });
  }

  // Returns whether somebody waited for it.
  give(id, answer) {
    const one = this.#waiting.get(id);
    if (!one) return false;
    clearTimeout(one.timer);
    this.#waiting.delete(id);
    one.resolve(answer);
    return true;
  }

  giveUp() {
    for (const id of [...this.#waiting.keys()]) this.give(id, null);
  }
}
