// Edit and delete one's own messages in place. Without this module the same links lead to pages that do it.

export function bindTools(log, csrf) {
  const post = (url, fields = {}) => {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", csrf);
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    return fetch(url, { method: "POST", body, headers: { Accept: "application/json" } });
  };

  log.addEventListener("click", (event) => {
    const edit = event.target.closest("[data-edit]");
    const remove = event.target.closest("[data-delete]");
    if (!edit && !remove) return;
    event.preventDefault();
    if (edit) openEditor(edit, post);
    else askToDelete(remove, post);
  });
}

async function openEditor(link, post) {
  const message = link.closest(".msg");
  if (message.querySelector(".edit-form")) return;
  const answer = await fetch(link.href, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) {
    location.assign(link.href);
    return;
  }
  const form = document.getElementById("edit-form").content.firstElementChild.cloneNode(true);
  const field = form.querySelector("textarea");
  const error = form.querySelector("[role=alert]");
  field.id = `edit-${message.dataset.id}`;
  form.querySelector("label").htmlFor = field.id;
  field.value = (await answer.json()).text;
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
    } else if (event.key === "Enter" && !event.shiftKey && matchMedia("(pointer: fine)").matches) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const said = await post(link.href, { text: field.value }).catch(() => null);
    if (said?.ok) {
      close();
      return;
    }
    const reason = said && (await said.json().catch(() => null))?.reason;
    error.textContent = reason ?? error.dataset.failed;
    error.hidden = false;
    field.setAttribute("aria-invalid", "true");
  });
}

function askToDelete(link, post) {
  const dialog = document.getElementById("delete-dialog");
  dialog.returnValue = "keep";
  dialog.addEventListener(
    "close",
    async () => {
      if (dialog.returnValue !== "delete") {
        link.focus();
        return;
      }
      const said = await post(link.href).catch(() => null);
      if (!said?.ok) location.assign(link.href);
      document.getElementById("composer-text")?.focus();
    },
    { once: true },
  );
  dialog.showModal();
}
