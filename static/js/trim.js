// A page that stays open for days must not grow without end: far from what one reads messages fall off, older ones into
// "Show older", those between there and the newest into a gap.

const MOST = 400;
const NEWEST = 200;
const AROUND = 150;
const PAGE = 50;

export function trim(log) {
  const all = log.numbered;
  if (all.length <= MOST) return;
  const kept = new Set(all.slice(log.view.isFollowing ? -NEWEST : -PAGE));
  if (!log.view.isFollowing) for (const message of around(log.view.inSight[0], log)) kept.add(message);
  const dropped = all.filter((message) => !kept.has(message));
  // Unsaved words are worth more than room.
  if (!dropped.includes(log.edited)) log.drop(dropped);
}

// Only in the stretch the reader is in: there is one gap, not two.
function around(reader, log) {
  const stretches = log.gap.isOpen ? [log.gap.old, log.gap.new] : [log.numbered];
  const stretch = stretches.find((one) => one.includes(reader));
  if (!stretch) return [];
  const at = stretch.indexOf(reader);
  return stretch.slice(Math.max(0, at - AROUND), at + AROUND);
}
