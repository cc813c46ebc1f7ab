// form[data-once]: a second click while the first is under way does nothing.

for (const form of document.querySelectorAll("form[data-once]")) {
  let isSent = false;
  form.addEventListener("submit", (event) => {
    if (isSent) event.preventDefault();
    isSent = true;
  });
  // From the back-forward cache it may be sent again.
  addEventListener("pageshow", () => (isSent = false));
}
