// Edit and delete one's own messages in place. Without this module the same links lead to pages that do it.

import { ask } from "./ask.js";
import { focusOn } from "./message.js";

const dialog = document.getElementById("delete-dialog");
let asked = null;

export function bindTools(log) {
  dialog.addEventListener("close", answered);
  log.addEventListener("click", (event) => {
    const edit = event.target.closest("[data-edit]");
    const remove = event.target.closest("[data-delete]");
    if (!edit && !remove) return;
    event.preventDefault();
    // Whoever came by keys goes back to where they were, the others to where one writes.
    if (edit) openEditor(edit, event.detail ? null : document.activeElement);
    else askToDelete(remove);
  });
}

async function openEditor(link, cameFrom) {
  const message = link.closest(".msg");
  if (message.querySelector(".edit-form")) return;
  const answer = await ask(link.href);
  if (!answer?.ok) {
    complain(message, answer, link.href);
    return;
  }
  if (!message.isConnected || message.querySelector(".edit-form")) return;
  message.querySelector("[data-trouble]")?.remove();
  const form = document.getElementById("edit-form").content.firstElementChild.cloneNode(true);
  const field = form.querySelector("textarea");
  field.id = `edit-${message.dataset.id}`;
  form.querySelector("label").htmlFor = field.id;
  field.value = answer.data.text;
  const text = message.querySelector(".msg-text");
  text.hidden = true;
  text.after(form);
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);

  const close = () => {
    form.remove();
    text.hidden = false;
    const back = cameFrom?.isConnected ? cameFrom : document.getElementById("composer-text");
    if (back) back.focus({ preventScroll: true });
    else focusOn(message);
  };
  form.querySelector("[data-cancel]").addEventListener("click", close);
  form.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      close();
    } else if (event.target === field && event.key === "Enter" && !event.shiftKey && matchMedia("(pointer: fine)").matches) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const said = await ask(link.href, { fields: { text: field.value } });
    if (said?.ok) close();
    else refuse(form, field, said?.data?.reason);
  });
}

// The new words stay in the field, whatever went wrong.
function refuse(form, field, reason) {
  const error = form.querySelector("[role=alert]");
  error.id = `${field.id}-error`;
  error.textContent = reason ?? error.dataset.failed;
  error.hidden = false;
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", error.id);
  field.focus();
}

function askToDelete(link) {
  asked = link;
  dialog.returnValue = "keep";
  dialog.showModal();
}

async function answered() {
  // Told late, of an earlier time: it has been opened again meanwhile.
  if (dialog.open) return;
  const link = asked;
  if (link.isConnected) link.focus({ preventScroll: true });
  if (dialog.returnValue !== "delete") return;
  const said = await ask(link.href, { fields: {} });
  if (!said?.ok) complain(link.closest(".msg"), said, link.href);
}

// Why something is refused, its own page says. That nobody answered is said here: a page would be lost for it.
function complain(message, answer, address) {
  if (answer && answer.status < 500) {
    location.assign(address);
    return;
  }
  message.querySelector("[data-trouble]")?.remove();
  const trouble = document.getElementById("trouble").content.firstElementChild.cloneNode(true);
  message.querySelector(".msg-text").after(trouble);
}
