// What was sent and not yet confirmed, kept in this browser until it is: over reloads, closed tabs, other rooms. One entry
// each, so that tabs do not overwrite one another; sent twice it is stored once, because the id stays the same.

const DAY = 24 * 60 * 60 * 1000;

const prefix = (me, room) => `outbox:${me}:${room ?? ""}`;

export function unsent(me, room) {
  const found = [];
  for (const key of keys()) if (key.startsWith(prefix(me, room))) found.push(read(key));
  return found.filter(Boolean).sort((one, other) => one.at - other.at);
}

function keys() {
  try {
    return Object.keys(localStorage);
  } catch {
    return []; // Storage is forbidden: then nothing waits.
  }
}

function read(key) {
  try {
    const [id, room] = key.split(":").reverse();
    return { ...JSON.parse(localStorage.getItem(key)), id, room };
  } catch {
    return null; // None of ours.
  }
}

// What was refused, or is of another day, goes out by its author's hand only: it may be out of place by now.
export const isHeld = (item) => item.refused !== undefined || Date.now() - item.at > DAY;

// `refused` is the reason, where there was one. Returns whether it is kept.
export function keepUnsent(me, room, { id, text, at, refused }) {
  try {
    localStorage.setItem(`${prefix(me, room)}:${id}`, JSON.stringify({ text, at, refused }));
    return true;
  } catch {
    return false; // Full or forbidden: then a reload loses what was not sent, as it would without this.
  }
}

export function isUnsent(me, room, id) {
  try {
    return localStorage.getItem(`${prefix(me, room)}:${id}`) !== null;
  } catch {
    return true; // Nobody can have taken it away.
  }
}

export function forgetUnsent(me, room, id) {
  try {
    localStorage.removeItem(`${prefix(me, room)}:${id}`);
  } catch {
    // See above.
  }
}

// Another tab got an answer for it, or somebody discarded it there.
export function onForgotten(me, room, act) {
  addEventListener("storage", ({ key, newValue }) => {
    if (newValue === null && key?.startsWith(`${prefix(me, room)}:`)) act();
  });
}
