// The dots beside the rooms: "there is news" per person, on every page of a community.

import { live } from "./live.js";

const app = document.querySelector("[data-community]");

const link = (room) => app.querySelector(`.nav-item[data-room="${CSS.escape(room)}"]`);

if (app) {
  live.addEventListener("news", ({ detail }) => {
    if (detail.author !== app.dataset.me) link(detail.room)?.setAttribute("data-unread", "");
  });
  live.addEventListener("read", ({ detail }) => link(detail.room)?.removeAttribute("data-unread"));
  live.addEventListener("subscribed", ({ detail }) => {
    if (detail.stream !== "community") return;
    for (const item of app.querySelectorAll(".nav-item[data-room]"))
      item.toggleAttribute("data-unread", detail.unread.includes(item.dataset.room) && !item.ariaCurrent);
  });
  live.subscribe({ stream: "community", community: app.dataset.community });
}
