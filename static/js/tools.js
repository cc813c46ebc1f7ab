// Edit and delete one's own messages in place. Without this module the same links lead to pages that do it.

import { ask } from "./ask.js";

export function bindTools(log) {
  log.addEventListener("click", (event) => {
    const edit = event.target.closest("[data-edit]");
    const remove = event.target.closest("[data-delete]");
    if (!edit && !remove) return;
    event.preventDefault();
    if (edit) openEditor(edit);
    else askToDelete(remove);
  });
}

async function openEditor(link) {
  const message = link.closest(".msg");
  if (message.querySelector(".edit-form")) return;
  const answer = await ask(link.href);
  if (!answer?.ok) {
    location.assign(link.href);
    return;
  }
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
    document.getElementById("composer-text")?.focus();
  };
  form.querySelector("[data-cancel]").addEventListener("click", close);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing && matchMedia("(pointer: fine)").matches) {
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
  const dialog = document.getElementById("delete-dialog");
  dialog.returnValue = "keep";
  dialog.addEventListener(
    "close",
    async () => {
      if (dialog.returnValue !== "delete") {
        link.focus();
        return;
      }
      const said = await ask(link.href, { fields: {} });
      if (said?.ok) document.getElementById("composer-text")?.focus();
      else location.assign(link.href);
    },
    { once: true },
  );
  dialog.showModal();
}
