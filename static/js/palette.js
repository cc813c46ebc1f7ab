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
const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

let timer = 0;
let asked = 0;

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

function show(words) {
  all.hidden = !words;
  all.href = `${all.pathname}?q=${encodeURIComponent(words)}`;
  siftPlaces(words.toLowerCase());
  number();
  choose(options()[0]);
  const hits = options().length - (words ? 1 : 0);
  status.textContent = !hits ? status.dataset.countNone : hits === 1 ? status.dataset.countOne : status.dataset.count.replace("%s", hits);
}

async function look() {
  const mine = ++asked;
  const typed = field.value;
  const answer = await ask(`${dialog.dataset.url}?q=${encodeURIComponent(typed)}`);
  // What was typed since then is on its way; who may no longer read here learns it on the next page.
  if (mine !== asked || !dialog.open) return;
  if (answer?.ok) {
    const page = new DOMParser().parseFromString(answer.text, "text/html");
    found.replaceChildren(...[...page.body.children].map((one) => document.adoptNode(one)));
  }
  show(typed.trim());
}

function open() {
  if (dialog.open) return field.select();
  field.value = "";
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
  clearTimeout(timer);
  timer = setTimeout(look, PAUSE);
});

field.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by) step(by);
  else if (event.key === "Enter" && chosen()) chosen().click();
  else return;
  event.preventDefault();
});

list.addEventListener("pointermove", (event) => {
  const option = event.target.closest("[role=option]");
  if (option && option !== chosen()) choose(option);
});

// The same page with another mark does not load again, and the dialog would stay.
list.addEventListener("click", (event) => {
  if (event.target.closest("a") && !event.ctrlKey && !event.metaKey) dialog.close();
});
