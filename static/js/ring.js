// The ring beside "Today": one more room is read, and one more arc is drawn. The server draws it anew with the next page.

const ring = () => document.querySelector("[data-today] .ring");

export function stepRing() {
  const now = ring()?.querySelector(".now");
  if (!now) return;
  now.setAttribute("class", "done");
  ring().querySelector(".todo")?.setAttribute("class", "now");
}

export function putRing(drawn) {
  ring()?.replaceWith(drawn.cloneNode(true));
}
