// One live room: brings socket, conversation, outbox and composer together.

import { ask } from "./ask.js";
import { Changes } from "./changes.js";
import { Composer } from "./composer.js";
import { live } from "./live.js";
import { Log } from "./log.js";
import { Outbox } from "./outbox.js";
import { bindReading } from "./reading.js";
import { bindTools } from "./tools.js";
import { bindTyping } from "./typing.js";

const BANNER_AFTER = 3000;
const BANNER_STAYS = 3000;

const room = document.querySelector("[data-live]");
const form = document.getElementById("composer");
const log = new Log(room, document.getElementById("log"));
const outbox = form && new Outbox(room, form, log);
if (form) new Composer(room, form, outbox);
bindTools(log.log);
bindReading(room, log);
bindTyping(room, form);

// ---- One's own words stand there as pending: the number first, then the fragment, so that they never show twice. ----

let held = [];
const settled = (id) => document.querySelector(`[data-settled="${CSS.escape(id)}"]`);

function apply(frame) {
  const isMine = frame.author === room.dataset.me;
  const isExpected = isMine && outbox && !outbox.isEmpty && !settled(frame.id);
  if (isExpected && !document.getElementById(`message-${frame.id}`)) held.push(frame);
  else if (log.apply(frame)) settled(frame.id)?.remove();
}

function release() {
  const frames = held;
  held = [];
  for (const frame of frames) apply(frame);
}

const changes = new Changes(room, apply);

outbox?.addEventListener("settled", ({ detail }) => {
  release();
  // Written from further up: it stands at the end, so that is where we go.
  if (!log.isAtNewest && outbox.isEmpty) log.toNewest();
  // Posted by form, or the socket's frame was lost: the fragment is asked for.
  setTimeout(() => settled(detail.id) && changes.catchUp(), 300);
});
outbox?.addEventListener("empty", release);

// ---- Older messages, keys, the banner ----

let isLoadingOlder = false;

log.log.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-older]");
  if (!link) return;
  event.preventDefault();
  if (isLoadingOlder) return;
  isLoadingOlder = true;
  const answer = await ask(link.href);
  isLoadingOlder = false;
  if (!answer?.ok) {
    if (answer) location.assign(link.href);
    return;
  }
  const place = link.closest(".older");
  log.prependOlder(answer.text, place);
  if (answer.headers.get("X-Has-Older") === "yes") {
    const url = new URL(link.href);
    url.searchParams.set("before", log.log.querySelector(".msg[data-sequence]").dataset.sequence);
    link.href = url.href;
  } else {
    place.remove();
    log.log.focus({ preventScroll: true });
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !document.querySelector("dialog[open], :popover-open")) log.toNewest();
});

const banner = (name) => room.querySelector(`[data-connection] [data-when="${name}"]`);
let losing = 0;
live.addEventListener("closed", () => {
  losing ||= setTimeout(() => {
    banner("back").hidden = true;
    banner("lost").hidden = false;
  }, BANNER_AFTER);
});
live.addEventListener("open", () => {
  clearTimeout(losing);
  losing = 0;
  if (banner("lost").hidden) return;
  banner("lost").hidden = true;
  banner("back").hidden = false;
  setTimeout(() => {
    banner("back").hidden = true;
  }, BANNER_STAYS);
});

live.subscribe({ stream: "room", room: room.dataset.room });
