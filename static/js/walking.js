// Through a conversation by keys: J and K go from message to message, and over "Show older" and a gap as well; Esc goes
// back to the newest and to where one writes.

import { focusOn } from "./message.js";
import { isSingleKey } from "./single.js";

const STEPS = { j: 1, k: -1 };
const STOPS = "[data-older]:not([hidden]) a, .msg, [data-gap] button";

export function bindWalking(log) {
  document.addEventListener("keydown", (event) => {
    const step = STEPS[event.key.toLowerCase()];
    if (step && isSingleKey(event)) walk(log, step, event);
    else if (event.key === "Escape") leave(log, event);
  });
}

function walk(log, step, event) {
  event.preventDefault();
  const stops = [...log.log.querySelectorAll(STOPS)];
  const at = stops.indexOf(document.activeElement.closest(STOPS));
  const next = at < 0 ? start(log, step) : stops[at + step];
  if (next) focusOn(next);
}

// Where one looks: the first new message, else the topmost or lowest one in sight.
function start(log, step) {
  const seen = log.view.inSight;
  const line = document.getElementById("unread");
  const isNew = (message) => line && line.compareDocumentPosition(message) & Node.DOCUMENT_POSITION_FOLLOWING;
  return step < 0 ? seen.at(-1) : (seen.find(isNew) ?? (log.view.isFollowing ? seen.at(-1) : seen[0]));
}

function leave(log, event) {
  if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open], :popover-open")) return;
  log.toNewest();
  if (log.log.contains(document.activeElement)) document.getElementById("composer-text")?.focus({ preventScroll: true });
}
