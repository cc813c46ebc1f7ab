// How a conversation is structured for the eye: messages in a row under one name, a line above each first of a day.

import { showTimes } from "./times.js";

export const NUMBERED = ".msg[data-sequence]";
const BURST = 7 * 60 * 1000;

export function next(message) {
  const after = message.nextElementSibling;
  return after?.matches(NUMBERED) ? after : null;
}

// Messages of one person in a row stand under one name.
export function group(message) {
  if (!message) return;
  const before = message.previousElementSibling;
  const follows =
    before?.matches(`${NUMBERED}:not([data-deleted])`) &&
    !message.matches("[data-deleted]") &&
    before.dataset.author === message.dataset.author &&
    moment(message) - moment(before) < BURST;
  message.toggleAttribute("data-more", Boolean(follows));
}

// By the reader's own midnight; the server drew the lines by the site's.
export function drawDays(log) {
  let before = "";
  for (const message of log.querySelectorAll(NUMBERED)) {
    const day = message.dataset.at && new Date(message.dataset.at).toDateString();
    const above = lineAbove(message);
    if (day === before) above?.remove();
    else if (day) {
      const line = above ?? document.getElementById("day-divider").content.firstElementChild.cloneNode(true);
      line.querySelector("time").dateTime = message.dataset.at;
      if (!above) (message.previousElementSibling?.id === "unread" ? message.previousElementSibling : message).before(line);
      message.removeAttribute("data-more");
      showTimes(line.parentNode);
    }
    before = day || before;
  }
}

const moment = (message) => new Date(message.dataset.at).getTime();

function lineAbove(message) {
  const before = message.previousElementSibling;
  const line = before?.id === "unread" ? before.previousElementSibling : before;
  return line?.matches(".day") ? line : null;
}
