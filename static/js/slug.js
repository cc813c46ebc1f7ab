// The address of a new group follows its name, until somebody types one. The server makes the same of an empty field.

const name = document.querySelector("input[name=name]");
const slug = document.querySelector("input[name=slug]");

const GERMAN = { ä: "ae", ö: "oe", ü: "ue", ß: "ss" };

function slugOf(text) {
  const plain = text.toLowerCase().replace(/[äöüß]/g, (letter) => GERMAN[letter]).normalize("NFKD").replace(/\p{M}/gu, "");
  return (plain.match(/[a-z0-9]+/g) ?? []).join("-").slice(0, 40).replace(/-$/, "");
}

if (name && slug) {
  let isOurs = !slug.value || slug.value === slugOf(name.value);
  if (slug.getAttribute("aria-invalid") === "true") isOurs = false;
  name.addEventListener("input", () => isOurs && (slug.value = slugOf(name.value)));
  slug.addEventListener("input", () => (isOurs = !slug.value));
}
