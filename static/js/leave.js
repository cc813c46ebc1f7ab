// Leaving quickly: the door on the page, or Shift three times. A blank page at once, without asking any server, in all
// tabs of the site. Who is led back by "Back" sees nothing of it either; who types the address comes in as ever.
// No module: it has to be there before the page is drawn, and on pages where others fail.

(() => {
  // For style sheets that wait for a script.
  document.documentElement.dataset.scripts = "";

  const MARK = "kreis:left";
  const WITHIN = 2000;

  // Where a browser keeps nothing, leaving works all the same.
  const kept = (act) => {
    try {
      return act();
    } catch {
      return null;
    }
  };

  function goBlank() {
    kept(() => sessionStorage.setItem(MARK, "yes"));
    document.documentElement.hidden = true;
    location.replace("about:blank");
  }

  function leave() {
    kept(() => localStorage.setItem(MARK, String(Date.now())));
    goBlank();
  }

  const hasLeft = () => kept(() => sessionStorage.getItem(MARK)) !== null;
  if (hasLeft()) {
    if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") goBlank();
    else sessionStorage.removeItem(MARK);
  }
  addEventListener("pageshow", (event) => event.persisted && hasLeft() && goBlank());
  addEventListener("storage", (event) => event.key === MARK && event.newValue && goBlank());

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-leave]")) return;
    event.preventDefault();
    leave();
  });

  let pressed = [];
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.repeat) return;
      const isAlone = event.key === "Shift" && !event.ctrlKey && !event.altKey && !event.metaKey;
      pressed = isAlone ? [...pressed, event.timeStamp].slice(-3) : [];
      if (pressed.length === 3 && event.timeStamp - pressed[0] < WITHIN) leave();
    },
    true,
  );
  // Whoever marks words with the pointer presses Shift as well.
  document.addEventListener("pointerdown", () => (pressed = []), true);
})();
