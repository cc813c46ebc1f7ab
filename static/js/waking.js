// Something woke: the page is looked at again, comes back as it was left, thaws, or the network is there again.

export function onWake(act) {
  addEventListener("online", act);
  addEventListener("pageshow", (event) => event.persisted && act());
  document.addEventListener("resume", act);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && act());
}
