// Search and jump: Ctrl+K anywhere opens a list of what fits, while one types. The server finds; here it is shown and chosen.

import { ask } from "./ask.js";

const PAUSE = 120;

const dialog = document.getElementById("palette");
const field = dialog.querySelector("input");
const list = document.getElementById("palette-list");
const found = dialog.querySelector("[data-found]");
const places = dialog.querySelector("[data-places]");
const all = dialog.querySelector("[data-all]");
const status = dialog.querySelector("[role=status]");
const note = dialog.querySelector("[data-note]");
const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

let timer = 0;
let asked = 0;
// The words for which the list stands; and whether somebody pressed Enter before it stood.
let shownFor = null;
let isAwaited = false;

const options = () => [...list.querySelectorAll("[role=option]:not([hidden])")];
const chosen = () => list.querySelector("[aria-selected=true]");

function choose(option) {
  for (const one of list.querySelectorAll("[role=option]")) one.ariaSelected = String(one === option);
  if (!option) return field.removeAttribute("aria-activedescendant");
  field.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function number() {
  list.querySelectorAll("[role=option]").forEach((option, index) => (option.id = `palette-${index}`));
}

// The pages are few and known: those stay of which a word begins so.
function siftPlaces(words) {
  let count = 0;
  for (const place of places.querySelectorAll("[role=option]")) {
    place.hidden = !` ${place.textContent.trim().toLowerCase()}`.includes(` ${words}`);
    count += place.hidden ? 0 : 1;
  }
  places.hidden = !count;
}

// What the server says of the words stands above the list, and is said.
function tell(answer, hits) {
  const said = found.querySelector("[data-note]");
  said?.remove();
  const why = !answer || answer.status >= 500 ? note.dataset.away : answer.ok ? said?.textContent : note.dataset.busy;
  note.textContent = why ?? (hits ? "" : note.dataset.none);
  note.hidden = !note.textContent;
  const count = hits === 1 ? status.dataset.countOne : status.dataset.count.replace("%s", hits);
  status.textContent = note.textContent || count;
}

function show(words, answer) {
  all.hidden = !words;
  all.href = `${all.pathname}?q=${encodeURIComponent(words)}`;
  siftPlaces(words.toLowerCase());
  tell(answer, options().length - (words ? 1 : 0));
  number();
  choose(options()[0]);
  shownFor = words;
  if (isAwaited) go(chosen());
}

function go(option) {
  isAwaited = false;
  option?.click();
}

async function look() {
  const mine = ++asked;
  const typed = field.value;
  const answer = await ask(`${dialog.dataset.url}?q=${encodeURIComponent(typed)}`);
  // What was typed since then is on its way; who may no longer read here learns it on the next page.
  if (mine !== asked || !dialog.open) return;
  // A session or a right that has ended: only a new page can say so.
  if (answer?.isGone) return location.reload();
  const page = new DOMParser().parseFromString(answer?.ok ? answer.text : "", "text/html");
  found.replaceChildren(...[...page.body.children].map((one) => document.adoptNode(one)));
  show(typed.trim(), answer);
}

function open() {
  if (dialog.open) return field.select();
  field.value = "";
  isAwaited = false;
  dialog.showModal();
  look();
}

function step(by) {
  const among = options();
  const at = among.indexOf(chosen());
  choose(among[(at + by + among.length) % among.length]);
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || (isApple && event.metaKey)) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    if (!document.querySelector("dialog[open]:not(#palette)")) open();
  }
});

for (const link of document.querySelectorAll("[data-search]")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
}
if (isApple) for (const key of document.querySelectorAll("[data-search-key]")) key.textContent = "⌘ K";

field.addEventListener("input", () => {
  isAwaited = false;
  clearTimeout(timer);
  timer = setTimeout(look, PAUSE);
});

field.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by) step(by);
  else if (event.key !== "Enter") return;
  else if (shownFor === field.value.trim()) go(chosen());
  else {
    // What stands there is for other words: the first that fits these opens as soon as it is there.
    isAwaited = true;
    clearTimeout(timer);
    look();
  }
  event.preventDefault();
});

list.addEventListener("pointermove", (event) => {
  const option = event.target.closest("[role=option]");
  if (option && option !== chosen()) choose(option);
});

// Browsers that know `closedby` have closed it already.
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());

// The same page with another mark does not load again, and the dialog would stay.
list.addEventListener("click", (event) => {
  if (event.target.closest("a") && !event.ctrlKey && !event.metaKey) dialog.close();
});
