// Who is here: the number in the frame, the names behind it, the dot at their messages. And that one is here oneself,
// where one chose that: while this page is looked at and was used lately. No live region: it is never announced.

import { now, since } from "./clock.js";
import { live } from "./live.js";
import { sign } from "./signs.js";

const USED_WITHIN = 5 * 60 * 1000;
const LOOK_EVERY = 15000;

// ---- Oneself ----

let usedAt = now();
let isSaid = false;

function say() {
  const isHere = document.visibilityState === "visible" && since(usedAt) < USED_WITHIN;
  if (isHere !== isSaid && sign("here", { is: isHere })) isSaid = isHere;
}

function used() {
  usedAt = now();
  if (!isSaid) say();
}

for (const event of ["pointerdown", "pointermove", "keydown", "wheel", "focus"])
  addEventListener(event, used, { passive: true });
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") usedAt = now();
  say();
});
setInterval(say, LOOK_EVERY);

// Each connection begins anew; so does a choice that was taken back.
live.addEventListener("closed", () => {
  isSaid = false;
});
live.addEventListener("signs", () => {
  isSaid = false;
  say();
});

// ---- The others ----

const me = document.querySelector("[data-community]").dataset.me;
const list = document.querySelector("[data-people-here]");
const counts = document.querySelectorAll("[data-here-count]");
const words = document.getElementById("here-words")?.dataset;
const order = new Intl.Collator(document.documentElement.lang).compare;
const log = document.getElementById("log");
const here = new Map();

live.addEventListener("presence", ({ detail }) => {
  if (detail.people) here.clear();
  for (const id of detail.went ?? []) here.delete(id);
  for (const person of detail.people ?? detail.came) here.set(person.id, person);
  if (words) show();
  if (log) light(log.querySelectorAll(".msg[data-author]"));
});

function show() {
  const isOnlyMe = here.size === 1 && here.has(me);
  const text = isOnlyMe ? words.onlyYou : (here.size === 1 ? words.one : words.many).replace("{count}", here.size);
  if (!here.size) list.closest(":popover-open")?.hidePopover();
  for (const count of counts) {
    if (!here.size && count === document.activeElement) document.getElementById("main").focus({ preventScroll: true });
    count.hidden = !here.size;
    if (here.size) count.textContent = text;
  }
  const entries = [...here.values()].sort((one, other) => order(one.name, other.name)).map(entry);
  for (const item of [...list.children]) if (!entries.includes(item)) item.remove();
  // What stands in its place stays untouched: somebody may be reading there.
  for (const [place, item] of entries.entries())
    if (list.children[place] !== item) list.insertBefore(item, list.children[place] ?? null);
}

function entry(person) {
  const known = list.querySelector(`[data-person="${CSS.escape(person.id)}"]`);
  const item = known ?? document.getElementById("person-here").content.firstElementChild.cloneNode(true);
  item.dataset.person = person.id;
  face(item.querySelector(".avatar"), person);
  item.querySelector(".name").textContent = person.name;
  if (person.id !== me) item.querySelector("[data-you]")?.remove();
  return item;
}

// A picture that is there already is not loaded again.
function face(avatar, person) {
  avatar.dataset.hue = person.hue;
  const shown = avatar.querySelector("img");
  if (shown?.getAttribute("src") === person.picture) return;
  avatar.textContent = person.initials;
  if (person.picture) avatar.append(Object.assign(new Image(), { src: person.picture, alt: "" }));
}

function light(messages) {
  for (const message of messages)
    message.querySelector(".avatar")?.toggleAttribute("data-here", here.has(message.dataset.author));
}

if (log)
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) light([...addedNodes].filter((node) => node.matches?.(".msg[data-author]")));
  }).observe(log, { childList: true });
