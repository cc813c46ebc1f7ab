// Leaving quickly: the door on the page, or Shift three times. A blank page at once, without asking any server, in all
// tabs of the site. Who is led back by "Back" sees nothing of it either; who types the address comes in as ever.
// No module: it has to be there before the page is drawn, and on pages where others fail.

(() => {
  // For style sheets that wait for a script.
  document.documentElement.dataset.scripts = "";

  const MARK = "kreis:left";
  const WITHIN = 2000;
  const TAP = 400;

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

  // Of this tab, or of another: a tab that was elsewhere at that moment did not hear of it.
  const hasLeft = () => kept(() => sessionStorage.getItem(MARK) ?? localStorage.getItem(MARK)) !== null;
  if (hasLeft()) {
    if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") goBlank();
    else kept(() => (sessionStorage.removeItem(MARK), localStorage.removeItem(MARK)));
  }
  addEventListener("pageshow", (event) => event.persisted && hasLeft() && goBlank());
  addEventListener("storage", (event) => event.key === MARK && event.newValue && goBlank());

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-leave]")) return;
    event.preventDefault();
    leave();
  });

  // A tap is down and up again at once, the same key, and nothing else in between: neither letters, nor marking words
  // or scrolling sideways with the pointer, nor an input method that changes its alphabet by it.
  let taps = [];
  let down = null;
  const other = () => ((taps = []), (down = null));
  const onKey = (event) => {
    if (event.repeat) return;
    if (event.key !== "Shift" || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return other();
    if (event.type === "keydown") {
      if (down) return other();
      down = event;
      return;
    }
    const isTap = down?.code === event.code && event.timeStamp - down.timeStamp < TAP;
    down = null;
    taps = isTap ? [...taps, event.timeStamp].slice(-3) : [];
    if (taps.length === 3 && event.timeStamp - taps[0] < WITHIN) leave();
  };
  for (const kind of ["keydown", "keyup"]) document.addEventListener(kind, onKey, true);
  for (const kind of ["pointerdown", "wheel", "compositionstart"])
    document.addEventListener(kind, other, { capture: true, passive: true });
})();
