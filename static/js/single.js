// Keys without Ctrl or Alt: not while somebody writes or chooses, and not at all where this browser was told so, for
// speech control types them by mistake (WCAG 2.1.4).

const OFF = "single-keys-off";
const FIELDS = "textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit]), [contenteditable]";

export function isSingleKey(event) {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return false;
  if (event.target.closest?.(FIELDS) || document.querySelector("dialog[open], :popover-open")) return false;
  return areOn();
}

export function areOn() {
  try {
    return !localStorage.getItem(OFF);
  } catch {
    return true;
  }
}

export function setOn(isOn) {
  try {
    if (isOn) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "yes");
  } catch {
    // Storage is forbidden: the choice cannot be kept.
  }
}
