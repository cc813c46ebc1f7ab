// Where a conversation opens: at the message in the address, else where it is unread, else at the newest. No module: it
// scrolls while the page is being read, and shows it only then, so that nothing that was drawn moves. view.js goes on.

(() => {
  const BELOW_TOP = 48;
  const log = document.getElementById("log");

  // Says whether this is the end.
  log.open = () => {
    const place = location.hash.startsWith("#message-") && document.getElementById(location.hash.slice(1));
    // Whoever asked for the newest gets it, however much above it is unread.
    const wantsNewest = new URLSearchParams(location.search).get("at") === "newest";
    const unread = !wantsNewest && document.getElementById("unread");
    if (place) place.scrollIntoView({ block: "center" });
    else if (unread) log.scrollTop += unread.getBoundingClientRect().top - log.getBoundingClientRect().top - BELOW_TOP;
    else log.scrollTop = log.scrollHeight;
    return !place && !unread;
  };

  log.open();
  log.dataset.open = "";
})();
