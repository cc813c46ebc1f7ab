// On every page of a community: the dots beside the rooms, and what still waits to be sent to other rooms.

import { live } from "./live.js";
import { forgetUnsent, unsent } from "./unsent.js";

const app = document.querySelector("[data-community]");
const here = document.querySelector("[data-live]")?.dataset.room;
const link = (room) => app.querySelector(`.nav-item[data-room="${CSS.escape(room)}"]`);

live.addEventListener("news", ({ detail }) => {
  if (detail.author !== app.dataset.me) link(detail.room)?.setAttribute("data-unread", "");
});
live.addEventListener("read", ({ detail }) => link(detail.room)?.removeAttribute("data-unread"));
live.addEventListener("subscribed", ({ detail }) => {
  if (detail.stream !== "community") return;
  for (const item of app.querySelectorAll(".nav-item[data-room]"))
    item.toggleAttribute("data-unread", detail.unread.includes(item.dataset.room) && !item.ariaCurrent);
});

// The room one has open sends its own. What another one refuses waits there to be seen.
live.addEventListener("open", async () => {
  const me = app.dataset.me;
  for (const item of unsent(me)) {
    if (item.room === here) continue;
    const answer = await live.ask({ type: "post", room: item.room, client_id: item.id, text: item.text });
    if (answer?.type === "posted") forgetUnsent(me, item.room, item.id);
  }
});

live.subscribe({ stream: "community", community: app.dataset.community });
