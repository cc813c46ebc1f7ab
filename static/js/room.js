// One live room: brings socket, conversation, outbox and composer together.

import { Composer } from "./composer.js";
import { live } from "./live.js";
import { Log } from "./log.js";
import { Outbox } from "./outbox.js";
import { bindTools } from "./tools.js";

const CATCH_UP_EVERY = 60000;
const CATCH_UP_EVERY_WITHOUT_SOCKET = 10000;
const BANNER_STAYS = 3000;

const room = document.querySelector("[data-live]");
const form = document.getElementById("composer");
const csrf = form?.elements.csrfmiddlewaretoken.value ?? "";
const log = new Log(room, document.getElementById("log"));
const outbox = form && new Outbox(room, form, log);
if (form) new Composer(room, form, outbox);
bindTools(log.log, csrf);

// ---- What happens: `change` is the last one we know without a gap; later ones wait in `ahead`. ----

let change = Number(room.dataset.change);
const ahead = new Set();
let held = [];
let isAsking = false;
let lastAsked = Date.now();

function apply(frame) {
  // One's own words stand there as pending: the number first, then the fragment, so that they never show twice.
  const settled = document.querySelector(`[data-settled="${CSS.escape(frame.id)}"]`);
  if (frame.author === room.dataset.me && !settled && outbox && !outbox.isEmpty && !document.getElementById(`message-${frame.id}`)) {
    held.push(frame);
    return;
  }
  settled?.remove();
  log.apply(frame);
}

function release() {
  const frames = held;
  held = [];
  for (const frame of frames) apply(frame);
}

live.addEventListener("message", ({ detail: frame }) => {
  if (frame.room !== room.dataset.room) return;
  apply(frame);
  if (frame.change > change) ahead.add(frame.change);
  while (ahead.delete(change + 1)) change += 1;
  // A hole: either lost on the way, or a change this person may not see. The table knows.
  if (ahead.size) setTimeout(() => ahead.size && catchUp(), 300);
});

async function catchUp() {
  if (isAsking) return;
  isAsking = true;
  lastAsked = Date.now();
  try {
    const url = `${room.dataset.changesUrl}?since=${change}`;
    const answer = await fetch(url, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(10000) });
    if (answer.redirected || answer.status === 404 || answer.status === 403) location.reload();
    const news = await answer.json();
    if (news.is_gap) location.assign(location.pathname);
    for (const frame of news.items) apply(frame);
    change = Math.max(change, news.up_to);
    for (const known of ahead) if (known <= change) ahead.delete(known);
  } catch {
    // The server is away: the next turn asks again.
  } finally {
    isAsking = false;
  }
}

live.addEventListener("subscribed", ({ detail }) => {
  if (detail.stream === "room" && detail.room === room.dataset.room && detail.change > change) catchUp();
});
setInterval(() => {
  if (document.visibilityState !== "visible") return;
  if (Date.now() - lastAsked >= (live.isOpen ? CATCH_UP_EVERY : CATCH_UP_EVERY_WITHOUT_SOCKET)) catchUp();
}, 2000);
addEventListener("pageshow", (event) => event.persisted && catchUp());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "visible") return;
  catchUp();
  read();
});
outbox?.addEventListener("settled", ({ detail }) => {
  release();
  // Posted by form, or the socket's frame was lost: the fragment is asked for.
  setTimeout(() => document.querySelector(`[data-settled="${CSS.escape(detail.id)}"]`) && catchUp(), 300);
});
outbox?.addEventListener("empty", release);

// ---- What was read ----

let readUpTo = 0;
let reading = 0;

function read() {
  clearTimeout(reading);
  reading = setTimeout(() => {
    const sequence = log.lastSequence;
    if (sequence <= readUpTo || document.visibilityState !== "visible" || !log.isFollowing || !log.isAtNewest) return;
    readUpTo = sequence;
    if (live.send({ type: "read", room: room.dataset.room, sequence })) return;
    const body = new FormData();
    body.set("csrfmiddlewaretoken", csrf);
    body.set("sequence", sequence);
    fetch(room.dataset.readingUrl, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => {
      readUpTo = 0;
    });
  }, 400);
}

log.addEventListener("end", read);
live.addEventListener("open", () => {
  readUpTo = 0;
  read();
});

// ---- Older messages, keys, the banner ----

log.log.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-older]");
  if (!link) return;
  event.preventDefault();
  const answer = await fetch(link.href, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return;
  const place = link.closest(".older");
  log.prependOlder(await answer.text(), place);
  const first = log.log.querySelector(".msg[data-sequence]");
  if (answer.headers.get("X-Has-Older") === "yes") {
    const url = new URL(link.href);
    url.searchParams.set("before", first.dataset.sequence);
    link.href = url.href;
  } else place.remove();
  first.querySelector("a")?.focus({ preventScroll: true });
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !document.querySelector("dialog[open], :popover-open")) log.toEnd(true);
});

const banner = (name) => room.querySelector(`[data-connection] [data-when="${name}"]`);
live.addEventListener("lost", () => {
  banner("back").hidden = true;
  banner("lost").hidden = false;
});
live.addEventListener("back", () => {
  banner("lost").hidden = true;
  banner("back").hidden = false;
  setTimeout(() => {
    banner("back").hidden = true;
  }, BANNER_STAYS);
});

live.subscribe({ stream: "room", room: room.dataset.room });
