// What was read: told when the end of what is shown has been seen, on a page that is looked at.

import { ask } from "./ask.js";
import { live } from "./live.js";

const AFTER = 400;

export function bindReading(room, log) {
  let readUpTo = 0;
  let timer = 0;

  const read = () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const sequence = log.lastSequence;
      if (sequence <= readUpTo || document.visibilityState !== "visible" || !log.isAtEnd) return;
      readUpTo = sequence;
      if (live.send({ type: "read", room: room.dataset.room, sequence })) return;
      if (!(await ask(room.dataset.readingUrl, { fields: { sequence } }))?.ok) readUpTo = 0;
    }, AFTER);
  };

  log.addEventListener("end", read);
  document.addEventListener("visibilitychange", read);
  live.addEventListener("open", () => {
    readUpTo = 0; // what was told to a socket that broke may have been lost
    read();
  });
}
