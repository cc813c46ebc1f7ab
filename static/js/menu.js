// Arrow keys in a menu that opens above the page. Opening, closing and Esc are the browser's own
// (popover, popovertarget): without this file the menu works by Tab.

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

const entries = (menu) => [...menu.querySelectorAll("a[href], button:not(:disabled)")];

function move(menu, event) {
  const all = entries(menu);
  const at = all.indexOf(document.activeElement);
  const next = { Home: 0, End: all.length - 1 }[event.key] ?? (at + STEPS[event.key] + all.length) % all.length;
  event.preventDefault();
  all[next]?.focus();
}

for (const menu of document.querySelectorAll(".menu[popover]")) {
  menu.addEventListener("keydown", (event) => {
    if (event.key in STEPS || event.key === "Home" || event.key === "End") move(menu, event);
  });
  menu.addEventListener("toggle", (event) => {
    if (event.newState === "open") entries(menu)[0]?.focus();
  });
  // Whoever tabs out of it is done with it.
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.hidePopover();
  });
}
