// On every page of a community: the dots beside the rooms; and what still waits to be sent to other rooms goes out.

import { sendElsewhere } from "./elsewhere.js";
import { live } from "./live.js";
import { stepRing } from "./ring.js";

const app = document.querySelector("[data-community]");
const here = document.querySelector("[data-live]")?.dataset.room;
const link = (room) => app.querySelector(`.nav-item[data-room="${CSS.escape(room)}"]`);

live.addEventListener("news", ({ detail }) => {
  if (detail.author !== app.dataset.me) link(detail.room)?.setAttribute("data-unread", "");
});
live.addEventListener("read", ({ detail }) => {
  if (link(detail.room)?.hasAttribute("data-unread")) stepRing();
  link(detail.room)?.removeAttribute("data-unread");
});
live.addEventListener("subscribed", ({ detail }) => {
  if (detail.stream !== "community") return;
  for (const item of app.querySelectorAll(".nav-item[data-room]"))
    item.toggleAttribute("data-unread", detail.unread.includes(item.dataset.room) && !item.ariaCurrent);
});

sendElsewhere(app.dataset.me, here);
live.subscribe({ stream: "community", community: app.dataset.community });
