// A list that shortens while one types. Without script the form asks the server.

for (const field of document.querySelectorAll("[data-sift]")) {
  const rows = [...document.getElementById(field.dataset.sift).children];
  const none = document.querySelector("[data-sift-none]");
  const said = rows.map((row) => row.textContent.toLowerCase());
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/);
    rows.forEach((row, index) => (row.hidden = !words.every((word) => said[index].includes(word))));
    none.hidden = rows.some((row) => !row.hidden);
  });
}
