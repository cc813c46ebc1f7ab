// The page's one WebSocket: subscribes, reconnects, answers for received bytes. It knows no rooms; modules listen:
// live.addEventListener("message" | "news" | …, event => event.detail) and "open", "closed", "leaving"; also "doubted" where
// it may be lost, "heard" where it is not.

import { Answers } from "./answers.js";
import { reloadOnce } from "./ask.js";
import { Backoff } from "./backoff.js";
import { now, since } from "./clock.js";
import { Receipts } from "./receipts.js";
import { Subscriptions } from "./subscriptions.js";
import { onWake } from "./waking.js";

// Without a word from the server: it asks sooner than that where nothing is said (realtime/wire.py), and proxies hang up
// after a minute.
const PING_AFTER = 50000;
const [ANSWER_WITHIN, LET_IN_WITHIN] = [8000, 15000];
// The session ended, or a right did: only a new page can say which.
const RELOAD_ON = new Set([4401, 4403]);
const TOO_MANY = 4429;

class Live extends EventTarget {
  #socket = null;
  #subscriptions = new Subscriptions();
  #backoff = new Backoff();
  #timer = 0;
  #isLetIn = false;
  #receipts = null;
  #lastHeard = now();
  #answers = new Answers();

  get isOpen() {
    return this.#isLetIn && this.#isConnected;
  }

  get #isConnected() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  subscribe(frame) {
    if (!this.send(this.#subscriptions.add(frame)) && !this.#socket) this.#connect();
  }

  send(frame) {
    if (!this.#isConnected) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  // Sends a frame with a client_id; resolves with its answer, or null where none came in time.
  ask(frame) {
    return this.send(frame) ? this.#answers.to(frame.client_id, ANSWER_WITHIN) : Promise.resolve(null);
  }

  wake() {
    if (this.#subscriptions.isNone) return;
    if (!this.isOpen) this.dispatchEvent(new Event("doubted"));
    // Something else than a tick's ping, which the server's outermost layer answers whatever became of those behind it.
    if (this.#isConnected) this.#ping({ of: "everything" });
    else if (this.#socket?.readyState !== WebSocket.CONNECTING || since(this.#lastHeard) > ANSWER_WITHIN) this.#connect();
  }

  // The page goes, maybe to come back as it was. A socket would keep it from being kept, and would not wake with it.
  sleep() {
    this.dispatchEvent(new Event("leaving"));
    this.#drop();
    clearTimeout(this.#timer);
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#drop();
    this.#lastHeard = now();
    this.#receipts = new Receipts((frame) => this.send(frame));
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live/`);
    this.#socket = socket;
    const isOurs = () => socket === this.#socket;
    socket.addEventListener("open", () => isOurs() && this.#opened());
    socket.addEventListener("message", (event) => isOurs() && this.#heard(event.data));
    socket.addEventListener("close", (event) => isOurs() && this.#closed(event.code));
  }

  #opened() {
    this.#lastHeard = now();
    this.#subscriptions.sendAll((frame) => this.send(frame));
  }

  // Open is what hears all it asked for: a socket may be accepted only to be told why it is closed.
  #letIn() {
    this.#isLetIn = true;
    this.#backoff.reset();
    this.dispatchEvent(new Event("open"));
  }

  #heard(data) {
    this.#lastHeard = now();
    if (this.#isLetIn) this.dispatchEvent(new Event("heard"));
    this.#receipts.take(data);
    for (const frame of [JSON.parse(data)].flat()) this.#take(frame); // much at once comes as a list
  }

  #take(frame) {
    if (this.#subscriptions.take(frame)) return;
    if (this.#subscriptions.areAnswered && !this.#isLetIn) this.#letIn();
    if (frame.type === "failed" && frame.stream) this.#socket.close();
    if (frame.client_id && this.#answers.give(frame.client_id, frame)) return;
    this.dispatchEvent(new CustomEvent(frame.type, { detail: frame }));
  }

  #closed(code) {
    this.#drop();
    if (RELOAD_ON.has(code) && reloadOnce()) return;
    this.dispatchEvent(new Event("closed"));
    this.#timer = setTimeout(() => this.#connect(), this.#backoff.next(code === TOO_MANY));
  }

  #ping(more) {
    const [heard, socket] = [this.#lastHeard, this.#socket];
    this.send({ type: "ping", ...more });
    this.dispatchEvent(new Event("doubted"));
    // Half-open: the other end is gone and nobody said so.
    setTimeout(() => socket === this.#socket && heard === this.#lastHeard && this.#closed(0), ANSWER_WITHIN);
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    this.#isLetIn = false;
    socket?.close();
    this.#answers.giveUp();
  }

  tick() {
    if (!this.#socket || since(this.#lastHeard) <= (this.#isLetIn ? PING_AFTER : LET_IN_WITHIN)) return;
    if (this.#isLetIn) this.#ping();
    else this.#closed(0);
  }
}

export const live = new Live();

setInterval(() => live.tick(), 5000);
onWake(() => live.wake());
// The network that is said to be gone may be another one than ours.
addEventListener("offline", () => live.isOpen && live.wake());
addEventListener("pagehide", () => live.sleep());
