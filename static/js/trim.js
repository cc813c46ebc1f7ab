// A page that stays open for days must not grow without end: far from what one reads messages fall off, older ones into
// "Show older", those between there and the newest into a gap.

const MOST = 400;
const NEWEST = 200;
const AROUND = 150;
const PAGE = 50;

export function trim(log) {
  const all = log.numbered;
  if (all.length <= MOST) return;
  const reader = log.inUse ?? (log.view.isFollowing ? null : log.view.first);
  const kept = new Set(all.slice(log.view.isFollowing ? -NEWEST : -PAGE));
  for (const message of around(reader, log)) kept.add(message);
  log.view.hold(() => log.drop(all.filter((message) => !kept.has(message))));
}

// Only in the stretch the reader is in: there is one gap, not two.
function around(reader, log) {
  const stretches = log.gap.isOpen ? [log.gap.old, log.gap.new] : [log.numbered];
  const stretch = stretches.find((one) => one.includes(reader));
  if (!stretch) return [];
  const at = stretch.indexOf(reader);
  return stretch.slice(Math.max(0, at - AROUND), at + AROUND);
}
