// How much of what a socket carried is acknowledged. By amount, no timer: the server gives up on a reader at 1 MiB.

const MOST_UNACKNOWLEDGED = 64 * 1024;
// Whoever answers a ping counts it as little as we do.
const PONG = '{"type": "pong"}';

export class Receipts {
  #received = 0;
  #acknowledged = 0;

  constructor(send) {
    this.send = send;
  }

  take(data) {
    if (data === PONG) return;
    this.#received += new TextEncoder().encode(data).length;
    if (this.#received - this.#acknowledged <= MOST_UNACKNOWLEDGED) return;
    this.#acknowledged = this.#received;
    this.send({ type: "received", bytes: this.#received });
  }
}
