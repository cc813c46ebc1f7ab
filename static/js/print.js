// [data-print]: the button comes hidden, for without JavaScript it could not keep its word.

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
