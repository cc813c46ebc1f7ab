// Who is writing in this room. One's own sign goes out while one writes, where one chose that; others' signs fade by
// themselves, so that a tab that died leaves nothing standing. No live region: it is never announced.

import { live } from "./live.js";
import { sign } from "./signs.js";

const EVERY = 3000;
const LASTS = 6000;

export function bindTyping(room, form) {
  const line = room.querySelector("[data-typing]");
  if (!line) return;
  const here = room.dataset.room;
  const writing = new Map();
  let saidAt = -EVERY;
  let timer = 0;

  const show = () => {
    clearTimeout(timer);
    for (const [author, { until }] of writing) if (until <= performance.now()) writing.delete(author);
    const [one, other] = [...writing.values()].map(({ name }) => name);
    const words = [null, line.dataset.one, line.dataset.two][writing.size] ?? line.dataset.many;
    line.hidden = !writing.size;
    if (!writing.size) return;
    // In one pass, by a function: a name may hold a "$" or a "{other}".
    const names = { "{name}": one, "{other}": other };
    line.querySelector("[data-names]").textContent = words.replace(/\{\w+\}/g, (gap) => names[gap]);
    const next = Math.min(...[...writing.values()].map(({ until }) => until));
    timer = setTimeout(show, Math.max(next - performance.now(), 50));
  };

  form?.querySelector("textarea").addEventListener("input", ({ target }) => {
    if (!target.value.trim() || performance.now() - saidAt < EVERY) return;
    if (sign(`typing:${here}`)) saidAt = performance.now();
  });
  live.addEventListener("typing", ({ detail }) => {
    if (detail.room !== here || detail.author === room.dataset.me) return;
    writing.delete(detail.author); // who wrote last stands last
    writing.set(detail.author, { name: detail.name, until: performance.now() + LASTS });
    show();
  });
  live.addEventListener("message", ({ detail }) => {
    if (detail.room === here && writing.delete(detail.author)) show();
  });
  live.addEventListener("closed", () => {
    writing.clear();
    show();
  });
}
