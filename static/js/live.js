// The page's one WebSocket: subscribes, reconnects, answers for received bytes. It knows no rooms; modules listen:
// live.addEventListener("message" | "news" | …, event => event.detail) and "open", "closed".

import { reloadOnce } from "./ask.js";

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30000;
const PING_EVERY = 25000;
const ANSWER_WITHIN = 8000;
// The server cuts whoever leaves a MiB unanswered for.
const ACKNOWLEDGE_AFTER = 256 * 1024;
// The session ended, or a right did: only a new page can say which.
const RELOAD_ON = new Set([4401, 4403]);
const TOO_MANY = 4429;

class Live extends EventTarget {
  #socket = null;
  #subscriptions = [];
  #wait = FIRST_WAIT;
  #timer = 0;
  #isLetIn = false;
  #unanswered = 0;
  #received = 0;
  #acknowledged = 0;
  #lastHeard = 0;
  #answers = new Map();

  get isOpen() {
    return this.#isLetIn && this.#isConnected;
  }

  get #isConnected() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  subscribe(frame) {
    this.#subscriptions.push({ type: "subscribe", ...frame });
    if (this.#isConnected) this.#ask(this.#subscriptions.at(-1));
    else if (!this.#socket) this.#connect();
  }

  send(frame) {
    if (this.#isConnected) this.#socket.send(JSON.stringify(frame));
    return this.#isConnected;
  }

  // Sends a frame with a client_id; resolves with its answer, or null where none came in time.
  ask(frame) {
    if (!this.send(frame)) return Promise.resolve(null);
    return new Promise((resolve) => {
      const answer = (value) => {
        clearTimeout(timer);
        this.#answers.delete(frame.client_id);
        resolve(value);
      };
      const timer = setTimeout(answer, ANSWER_WITHIN, null);
      this.#answers.set(frame.client_id, answer);
    });
  }

  // Something woke: the network came back, the page is looked at again.
  wake() {
    if (!this.#subscriptions.length) return;
    if (this.#isConnected) this.#ping();
    else if (this.#socket?.readyState !== WebSocket.CONNECTING) this.#connect();
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#received = this.#acknowledged = 0;
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live/`);
    this.#socket = socket;
    socket.addEventListener("open", () => this.#opened());
    socket.addEventListener("message", (event) => this.#heard(event.data));
    socket.addEventListener("close", (event) => socket === this.#socket && this.#closed(event.code));
  }

  #opened() {
    this.#lastHeard = Date.now();
    this.#unanswered = 0;
    for (const frame of this.#subscriptions) this.#ask(frame);
  }

  #ask(frame) {
    this.#unanswered += 1;
    this.send(frame);
  }

  // Open is what hears all it asked for: a socket may be accepted only to be told why it is closed.
  #letIn() {
    this.#isLetIn = true;
    this.#wait = FIRST_WAIT;
    this.dispatchEvent(new Event("open"));
  }

  #heard(data) {
    this.#lastHeard = Date.now();
    this.#received += new TextEncoder().encode(data).length;
    if (this.#received - this.#acknowledged > ACKNOWLEDGE_AFTER) this.#acknowledge();
    // Much at once comes as a list.
    for (const frame of [JSON.parse(data)].flat()) this.#take(frame);
  }

  #take(frame) {
    if (frame.type === "subscribed" && (this.#unanswered -= 1) <= 0 && !this.#isLetIn) this.#letIn();
    // A right ended while the page was away: only a new page can say so.
    if (frame.type === "refused" && frame.stream && reloadOnce()) return;
    if (frame.type === "failed" && frame.stream) this.#socket.close();
    const answer = frame.client_id && this.#answers.get(frame.client_id);
    if (answer) answer(frame);
    else this.dispatchEvent(new CustomEvent(frame.type, { detail: frame }));
  }

  #closed(code) {
    this.#isLetIn = false;
    if (RELOAD_ON.has(code) && reloadOnce()) return;
    if (code === TOO_MANY) this.#wait = LONGEST_WAIT;
    for (const answer of [...this.#answers.values()]) answer(null);
    this.dispatchEvent(new Event("closed"));
    this.#timer = setTimeout(() => this.#connect(), this.#wait * (0.75 + Math.random() / 2));
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
  }

  #ping() {
    const asked = Date.now();
    this.send({ type: "ping" });
    const socket = this.#socket;
    setTimeout(() => {
      if (socket !== this.#socket || this.#lastHeard >= asked) return;
      // Half-open: the other end is gone and nobody said so. Do not wait for a close that may never come.
      this.#socket = null;
      socket.close();
      this.#closed(0);
    }, ANSWER_WITHIN);
  }

  #acknowledge() {
    this.#acknowledged = this.#received;
    this.send({ type: "received", bytes: this.#received });
  }

  tick() {
    if (!this.#isConnected) return;
    if (this.#received > this.#acknowledged) this.#acknowledge();
    if (Date.now() - this.#lastHeard > PING_EVERY) this.#ping();
  }
}

export const live = new Live();

setInterval(() => live.tick(), 5000);
addEventListener("online", () => live.wake());
addEventListener("pageshow", (event) => event.persisted && live.wake());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && live.wake());
