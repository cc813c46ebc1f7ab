// One message as an element: made from its HTML, brought up to date where it stands, focused.

import { showTimes } from "./times.js";

export const number = (message) => Number(message.dataset.sequence);

export function messagesIn(html, me) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  showTimes(holder.content);
  const messages = [...holder.content.querySelectorAll(".msg[data-sequence]")];
  for (const message of messages) message.toggleAttribute("data-mine", message.dataset.author === me);
  return messages;
}

// The element stays the one it was, and with it whoever stands in it: the tool in focus, the words of an open editor.
export function renew(here, message) {
  const hadFocus = here.contains(document.activeElement);
  for (const name of message.getAttributeNames()) here.setAttribute(name, message.getAttribute(name));
  here.toggleAttribute("data-deleted", message.matches("[data-deleted]"));
  const parts = [".msg-head", ".msg-text"].map((part) => [here.querySelector(part), message.querySelector(part)]);
  // Deleted, or from a server of another version: as a whole.
  if (parts.some((pair) => pair.includes(null))) here.replaceChildren(...message.childNodes);
  else for (const [old, fresh] of parts) old.replaceChildren(...fresh.childNodes);
  if (hadFocus && !here.contains(document.activeElement)) focusOn(here);
}

// What was on its way makes room for the message itself.
export function giveWay(pending, message) {
  const hadFocus = pending.contains(document.activeElement);
  pending.remove();
  if (hadFocus) focusOn(message);
}

// A message, or a button between messages.
export function focusOn(stop) {
  stop.focus({ preventScroll: true });
  stop.scrollIntoView({ block: "nearest" });
}
