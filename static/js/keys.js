// The keys of every page of a group: ? lists them, G and then a letter leads to Today or the rooms, Alt with an arrow from room to room.
// Which there are stands in elements/_keys.html.

import { areOn, isSingleKey, setOn } from "./single.js";

const TOGETHER = 1500;

const dialog = document.getElementById("keys");
const choice = dialog.querySelector("input");
const opener = document.querySelector("[data-keys]");
const links = [...document.querySelectorAll(".sidenav .nav-item[data-room]")];
let pressedG = -TOGETHER;
let cameFrom = null;

const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

if (isApple) for (const key of dialog.querySelectorAll("[data-alt]")) key.textContent = "⌥";
if (isApple) for (const key of dialog.querySelectorAll("[data-ctrl]")) key.textContent = "⌘";

function open() {
  cameFrom = document.activeElement;
  choice.checked = areOn();
  dialog.showModal();
}

// Next by the direction; from a page that is no room the first or the last. The next unread one is sought all around.
function roomBeside(step, isUnread) {
  const here = links.findIndex((link) => link.ariaCurrent === "page");
  if (isUnread) return [...links.slice(here + 1), ...links.slice(0, here + 1)].find((link) => "unread" in link.dataset);
  return here < 0 ? links.at(step > 0 ? 0 : -1) : links[here + step];
}

const isBox = (field) => ["checkbox", "radio"].includes(field.type);

// Where words are kept nowhere yet, and in fields where these keys move about already, they do nothing. What stands in the
// composer is kept as a draft.
function isTaken(target) {
  const field = target.closest("textarea, input, select, [contenteditable]");
  if (field && (isApple || field.id !== "composer-text")) return true;
  if (document.querySelector(".edit-form, dialog[open], :popover-open")) return true;
  const fields = [...document.querySelectorAll("main :is(textarea, input):not(#composer-text)")];
  return fields.some((one) => (isBox(one) ? one.checked !== one.defaultChecked : one.value !== one.defaultValue));
}

function goBeside(event) {
  if (isTaken(event.target)) return;
  const link = roomBeside(event.key === "ArrowDown" ? 1 : -1, event.shiftKey);
  event.preventDefault();
  if (link) location.assign(link.href);
}

function leadTo(letter) {
  const url = { h: dialog.dataset.todayUrl, r: dialog.dataset.roomsUrl, p: dialog.dataset.peopleUrl }[letter];
  if (url) location.assign(url);
}

document.addEventListener("keydown", (event) => {
  const isArrow = event.key === "ArrowDown" || (event.key === "ArrowUp" && !event.shiftKey);
  if (isArrow && event.altKey && !event.ctrlKey && !event.metaKey) goBeside(event);
  if (!isSingleKey(event)) return;
  if (event.key === "?") open();
  else if (performance.now() - pressedG < TOGETHER && !isTaken(event.target)) leadTo(event.key.toLowerCase());
  pressedG = event.key.toLowerCase() === "g" ? performance.now() : -TOGETHER;
});

choice.addEventListener("change", () => setOn(choice.checked));

opener.hidden = false;
opener.addEventListener("click", () => {
  document.getElementById("group-menu").hidePopover();
  open();
});

// The browser has given the focus back where that is still in sight, and a quick key may have moved it on since.
dialog.addEventListener("close", () => {
  if (document.activeElement !== document.body) return;
  const menu = [...document.querySelectorAll("[popovertarget=group-menu]")].find((button) => button.checkVisibility());
  (cameFrom?.checkVisibility() ? cameFrom : menu)?.focus({ preventScroll: true });
});
