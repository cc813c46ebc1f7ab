// A list that shortens while one types. Without script the form asks the server, which hides what does not fit.

// Without the marks above and below letters: who types "bohme" looks for Böhme, too.
const bare = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

for (const field of document.querySelectorAll("[data-sift]")) {
  const list = document.getElementById(field.dataset.sift);
  const rows = [...list.children];
  const none = document.querySelector("[data-sift-none]");
  const said = rows.map((row) => bare(row.textContent));

  const sift = () => {
    const words = bare(field.value).split(/\s+/);
    rows.forEach((row, index) => (row.hidden = !words.every((word) => said[index].includes(word))));
    none.hidden = rows.some((row) => !row.hidden);
    document.querySelector("[data-sift-all]")?.remove();
  };

  field.addEventListener("input", sift);
  field.form.addEventListener("submit", (event) => {
    event.preventDefault();
    sift();
  });
}
