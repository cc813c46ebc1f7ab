// What was sent and not yet confirmed, kept in this browser until it is: over reloads, closed tabs, other rooms. One entry
// each, so that tabs do not overwrite one another; sent twice it is stored once, because the id stays the same.

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

export function keepUnsent(me, room, item) {
  try {
    localStorage.setItem(`${prefix(me, room)}:${item.id}`, JSON.stringify({ text: item.text, at: item.at }));
  } catch {
    // Full or forbidden: then a reload loses what was not sent, as it would without this.
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
    if (newValue === null && key?.startsWith(`${prefix(me, room)}:`)) act(key.split(":").at(-1));
  });
}
