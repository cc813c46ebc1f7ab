// How a conversation is structured for the eye: messages in a row under one name, a line above each first of a day.

import { showTimes } from "./times.js";

export const NUMBERED = ".msg[data-sequence]";
const BURST = 7 * 60 * 1000;

// Messages of one person in a row stand under one name.
export function group(log) {
  for (const message of log.querySelectorAll(NUMBERED)) {
    const before = message.previousElementSibling;
    const follows =
      before?.matches(`${NUMBERED}:not([data-deleted])`) &&
      !message.matches("[data-deleted]") &&
      before.dataset.author === message.dataset.author &&
      moment(message) - moment(before) < BURST;
    message.toggleAttribute("data-more", Boolean(follows));
  }
}

// By the reader's own midnight; the server drew the lines by the site's.
export function drawDays(log) {
  let before = "";
  const lines = new Set(log.querySelectorAll(".day"));
  for (const message of log.querySelectorAll(NUMBERED)) {
    const day = message.dataset.at && new Date(message.dataset.at).toDateString();
    if (day && day !== before) lines.delete(drawLine(message));
    before = day || before;
  }
  for (const line of lines) line.remove();
}

const moment = (message) => new Date(message.dataset.at).getTime();

function drawLine(message) {
  const place = message.previousElementSibling?.id === "unread" ? message.previousElementSibling : message;
  let line = place.previousElementSibling;
  if (!line?.matches(".day")) {
    line = document.getElementById("day-divider").content.firstElementChild.cloneNode(true);
    place.before(line);
  }
  line.querySelector("time").dateTime = message.dataset.at;
  showTimes(line);
  return line;
}
