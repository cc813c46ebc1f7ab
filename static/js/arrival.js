// Who goes on to another page of the site arrives at its content, or at the message the address names; not who comes
// from outside, nor where a field has the focus already.

import { focusOn } from "./message.js";

const main = document.getElementById("main");
const isFromHere = document.referrer.startsWith(`${location.origin}/`);
const message = location.hash.startsWith("#message-") && document.getElementById(location.hash.slice(1));

if (isFromHere && document.activeElement === document.body) {
  if (message) focusOn(message);
  else main.focus({ preventScroll: true });
}
