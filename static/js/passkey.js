// form[data-passkey]: hands what the page asks for (a block of JSON) to the browser, and the browser's answer to the form.
// "get" shows a passkey, "create" makes one. What went wrong is said beside the button, in the page's own words.

const STALE = 10 * 60 * 1000;

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));

const text = (buffer) =>
  btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const named = (credentials = []) => credentials.map((one) => ({ ...one, id: bytes(one.id) }));

function asked(options) {
  const asks = { ...options.publicKey, challenge: bytes(options.publicKey.challenge) };
  if (asks.user) asks.user = { ...asks.user, id: bytes(asks.user.id) };
  if (asks.excludeCredentials) asks.excludeCredentials = named(asks.excludeCredentials);
  if (asks.allowCredentials) asks.allowCredentials = named(asks.allowCredentials);
  return { publicKey: asks };
}

function answered(credential) {
  const { response } = credential;
  const said = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) said[name] = text(response[name]);
  }
  if (response.getTransports) said.transports = response.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: said,
  });
}

// A page that has stood open for long asks anew: what it came with is not accepted any more.
async function options(form) {
  if (performance.now() - form.loaded < STALE) return JSON.parse(document.getElementById(form.dataset.options).textContent);
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  form.loaded = performance.now();
  const block = page.getElementById(form.dataset.options);
  document.getElementById(form.dataset.options).textContent = block.textContent;
  return JSON.parse(block.textContent);
}

const WORDS = { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "known", SecurityError: "elsewhere" };

function say(form, word) {
  const place = form.querySelector("[data-error]");
  place.hidden = !word;
  place.lastElementChild.textContent = word ? form.dataset[word] : "";
}

async function go(form) {
  const button = form.querySelector("button[type=submit]");
  if (button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  say(form, "");
  try {
    const credential = await navigator.credentials[form.dataset.passkey](asked(await options(form)));
    form.elements.credential.value = answered(credential);
    form.submit();
  } catch (error) {
    say(form, WORDS[error.name] ?? "failed");
    button.ariaBusy = null;
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.loaded = performance.now();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go(form);
  });
}

// Back from where the answer led: the button works again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const button of document.querySelectorAll("form[data-passkey] button[type=submit]")) button.ariaBusy = null;
});
