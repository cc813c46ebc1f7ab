// How long to wait before the next try: twice as long each time, and not everybody at the same moment.
// At most so long that a page is whole again 15 s after what was away is back.

const [FIRST, LONGEST] = [1000, 8000];
const ASKED_TO_STAY_AWAY = 30000;

export class Backoff {
  #wait = FIRST;

  reset() {
    this.#wait = FIRST;
  }

  next(isAskedToStayAway) {
    const wait = isAskedToStayAway ? ASKED_TO_STAY_AWAY : this.#wait;
    this.#wait = Math.min(wait * 2, LONGEST);
    return wait * (0.75 + Math.random() / 2);
  }
}
