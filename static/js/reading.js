// What was read: told when the end of what is shown has been seen, on a page that is looked at. At once after a pause,
// else every few seconds, so that a busy room does not make every reader speak with every message.

import { ask } from "./ask.js";
import { live } from "./live.js";

const AFTER = 400;
const EVERY = 5000;

export function bindReading(room, log) {
  let seen = 0;
  let told = 0;
  let toldAt = -EVERY;
  let timer = 0;

  const tell = async (isLeaving = false) => {
    clearTimeout(timer);
    timer = 0;
    if (seen <= told) return;
    const before = told;
    told = seen;
    toldAt = performance.now();
    // What a socket sends while its page goes may go with it.
    if (!isLeaving && live.send({ type: "read", room: room.dataset.room, sequence: seen })) return;
    const answer = await ask(room.dataset.readingUrl, { fields: { sequence: seen }, keepalive: true });
    if (!answer?.ok) told = before;
  };

  const look = () => {
    if (document.visibilityState !== "visible") return;
    seen = Math.max(seen, log.readUpTo);
    if (seen > told) timer ||= setTimeout(() => tell(), Math.max(AFTER, toldAt + EVERY - performance.now()));
  };

  log.addEventListener("end", look);
  document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? look() : tell()));
  live.addEventListener("leaving", () => tell(true));
  live.addEventListener("open", () => {
    told = 0; // what was told to a socket that broke may have been lost
    look();
  });
}
