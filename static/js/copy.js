// [data-copy="id"]: copies the value of that field. The button comes hidden, for without JavaScript (or outside
// a secure context) it could not keep its word; the text then stands there to be copied by hand.

async function copy(button, field) {
  try {
    await navigator.clipboard.writeText(field.value ?? field.textContent);
  } catch {
    field.select?.();
    return;
  }
  const words = button.querySelector("[data-words]") ?? button;
  words.dataset.before ??= words.textContent;
  words.textContent = button.dataset.copied;
  clearTimeout(button.restore);
  button.restore = setTimeout(() => (words.textContent = words.dataset.before), 4000);
}

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    const field = document.getElementById(button.dataset.copy);
    if (!field) continue;
    button.hidden = false;
    button.addEventListener("click", () => copy(button, field));
  }
}
