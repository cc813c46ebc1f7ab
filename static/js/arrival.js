// Who goes on to another page of the site arrives at its content; not who comes from outside, nor where a field has the
// focus already. Late, for a place named in the address takes the focus away while the page loads, or to itself.

const main = document.getElementById("main");
// Whoever has begun to go through the page by themselves is not led back to its beginning.
let isUnderWay = false;
for (const kind of ["keydown", "pointerdown"]) addEventListener(kind, () => (isUnderWay = true), { capture: true, once: true });
const isFromHere = document.referrer.startsWith(`${location.origin}/`);

function arrive() {
  if (!isUnderWay && document.activeElement === document.body) main.focus({ preventScroll: true });
}

if (isFromHere) addEventListener("load", () => requestAnimationFrame(arrive));
