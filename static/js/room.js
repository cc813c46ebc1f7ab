// One live room: brings socket, conversation, outbox and composer together.

import { bindBanner } from "./banner.js";
import { Changes } from "./changes.js";
import { Composer } from "./composer.js";
import { live } from "./live.js";
import { Log } from "./log.js";
import { giveWay } from "./message.js";
import { Outbox } from "./outbox.js";
import { bindReading } from "./reading.js";
import { bindTools } from "./tools.js";
import { bindTyping } from "./typing.js";
import { showUnsent } from "./unsendable.js";
import { bindWalking } from "./walking.js";

const room = document.querySelector("[data-live]");
const form = document.getElementById("composer");
const log = new Log(room, document.getElementById("log"));
const outbox = form && new Outbox(room, form, log);
if (form) new Composer(room, form, outbox);
else showUnsent(room, log);
bindTools(log.log);
bindReading(room, log);
bindTyping(room, form);
bindWalking(log);
bindBanner(room);

// ---- One's own words stand there as pending: the number first, then the fragment, so that they never show twice. ----

let held = [];
const settled = (id) => document.querySelector(`[data-settled="${CSS.escape(id)}"]`);
const standing = (id) => document.getElementById(`message-${id}`);

function apply(frame, isQuiet) {
  const isMine = frame.author === room.dataset.me;
  const isExpected = isMine && outbox && !outbox.isEmpty && !settled(frame.id);
  if (isExpected && !standing(frame.id)) held.push(frame);
  else if (log.apply(frame, isQuiet) && settled(frame.id)) giveWay(settled(frame.id), standing(frame.id));
}

function release() {
  const frames = held;
  held = [];
  for (const frame of frames) apply(frame);
}

const changes = new Changes(room, log, apply);

outbox?.addEventListener("settled", ({ detail }) => {
  release();
  // Posted by form, or the socket's frame was lost: the fragment is asked for.
  setTimeout(() => settled(detail.id) && changes.catchUp(), 300);
});
outbox?.addEventListener("empty", release);
live.addEventListener("open", () => log.gap.again());

live.subscribe({ stream: "room", room: room.dataset.room });
