// Today without leaving it: marks rooms as read, follows what is read and written elsewhere; J, K and E go through the list.
// The server draws it, at most every few seconds; here it is only put in.

import { ask } from "./ask.js";
import { live } from "./live.js";
import { putRing } from "./ring.js";
import { isSingleKey } from "./single.js";
import { showTimes } from "./times.js";

const AFTER = 700;
const EVERY = 8000;
const TOKENS = /name="csrfmiddlewaretoken" value="[^"]*"/g;

const today = () => document.getElementById("today");
const items = () => [...today().querySelectorAll(".digest > li")];
const isLookedAt = () => document.visibilityState === "visible";

let timer = 0;
let drawnAt = performance.now();
let drawn = "";

async function draw() {
  clearTimeout(timer);
  timer = 0;
  if (!isLookedAt()) return;
  drawnAt = performance.now();
  const answer = await ask(today().dataset.url);
  const html = answer?.ok ? answer.text.replace(TOKENS, "") : drawn;
  if (html === drawn) return;
  drawn = html;
  put(answer.text);
}

// The focus stays where it was; where that is gone or read by now, it goes on to what is next.
function put(html) {
  const page = new DOMParser().parseFromString(html, "text/html").getElementById("today");
  const held = document.activeElement;
  const isInside = today().contains(held);
  today().replaceWith(document.adoptNode(page));
  showTimes(today());
  putRing(today().querySelector("[data-nav-ring]").content.firstElementChild);
  if (isInside) focusAgain(held);
}

function focusAgain(held) {
  const again = document.getElementById(held.closest("[id]").id);
  const isOpen = again?.matches(".digest > li:not([data-read])");
  const end = today().querySelector("#end-h") ?? today().querySelector("h1");
  const next = isOpen ? again : (items().find((item) => "now" in item.dataset) ?? end);
  if (!next.hasAttribute("tabindex")) next.tabIndex = -1;
  next.focus({ preventScroll: true });
}

function soon() {
  timer ||= setTimeout(draw, Math.max(AFTER, drawnAt + EVERY - performance.now()));
}

async function read(marks) {
  const answer = await ask(today().dataset.readingUrl, { fields: { read: marks } });
  if (answer?.ok) await draw();
  // Only a new page can say what ended; where nobody answers, this one stays.
  else if (answer?.isGone || answer?.status === 422) location.reload();
  else complain();
}

function complain() {
  const words = document.createElement("p");
  words.className = "error";
  words.role = "alert";
  words.textContent = today().dataset.trouble;
  today().querySelector(":scope > [role=alert]")?.remove();
  today().prepend(words);
}

document.addEventListener("submit", async (event) => {
  if (!event.target.matches("[data-reading]")) return;
  event.preventDefault();
  const marks = new FormData(event.target, event.submitter).getAll("read");
  await read(marks);
});

document.addEventListener("keydown", (event) => {
  if (!isSingleKey(event)) return;
  const all = items();
  const at = all.indexOf(document.activeElement.closest(".digest > li"));
  if (event.key === "Enter" && document.activeElement === all[at]) all[at].querySelector("h3 a").click();
  else if (event.key === "j") all[Math.min(at + 1, all.length - 1)]?.focus();
  else if (event.key === "k") all[Math.max(at - 1, 0)]?.focus();
  else if (event.key === "e") {
    const item = all[at] ?? all.find((one) => "now" in one.dataset);
    if (item && !("read" in item.dataset)) read([item.dataset.mark]);
  }
});

for (const kind of ["news", "read", "presence", "open"]) live.addEventListener(kind, soon);
document.addEventListener("visibilitychange", () => isLookedAt() && soon());
