// Who goes on to another page of the site arrives at its content; not who comes from outside, nor where a field has the
// focus already. Late, for a place named in the address takes the focus away while the page loads, or to itself.

const main = document.getElementById("main");
const isFromHere = document.referrer.startsWith(`${location.origin}/`);

function arrive() {
  if (document.activeElement === document.body) main.focus({ preventScroll: true });
}

if (isFromHere) addEventListener("load", () => requestAnimationFrame(arrive));
