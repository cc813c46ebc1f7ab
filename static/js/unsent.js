// What was sent and not yet confirmed, kept in this browser until it is: over reloads, closed tabs, other rooms. One entry
// each, so that tabs do not overwrite one another; sent twice it is stored once, because the id stays the same.

const prefix = (me, room) => `outbox:${me}:${room ?? ""}`;

export function unsent(me, room) {
  const found = [];
  try {
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith(prefix(me, room))) continue;
      const item = JSON.parse(localStorage.getItem(key));
      found.push({ ...item, id: key.split(":").at(-1), room: key.split(":").at(-2) });
    }
  } catch {
    // Storage is forbidden, or an entry is none of ours: then nothing waits.
  }
  return found.sort((one, other) => one.at - other.at);
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
