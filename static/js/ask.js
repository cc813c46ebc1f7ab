// One way to ask the server from a script. The token stands on the frame, also where nobody may write.

import { recall, remember } from "./session.js";

const RELOADED = "reloaded-at";
const RELOADED_FOR = "reloaded-for";

// null: nobody answered. Else { ok, status, isGone, data, text, headers }; isGone: the session or a right has ended.
// `keepalive`: it goes out even where the page is left meanwhile.
export async function ask(url, { fields = null, within = 10000, keepalive = false } = {}) {
  const options = { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(within), keepalive };
  if (fields) {
    options.method = "POST";
    options.body = new FormData();
    options.body.set("csrfmiddlewaretoken", document.querySelector("[data-csrf]").dataset.csrf);
    for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) options.body.append(name, one);
  }
  try {
    const answer = await fetch(url, options);
    const text = await answer.text();
    const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
    return {
      ok: answer.ok && !answer.redirected,
      status: answer.status,
      isGone: answer.redirected || [401, 403, 404].includes(answer.status),
      data: isJson ? JSON.parse(text) : null,
      text,
      headers: answer.headers,
    };
  } catch {
    return null;
  }
}

// Only a new page can say why something ended. Not in a circle: where the reason stays, the second time does nothing,
// nor where nobody would remember the first. `what` is given where the same thing may go on to fail for long.
export function reloadOnce(what = "") {
  const before = Number(recall(RELOADED) ?? 0);
  if (Math.abs(Date.now() - before) < 30000 || (what && recall(RELOADED_FOR) === what)) return false;
  if (!remember(RELOADED, Date.now()) || !remember(RELOADED_FOR, what)) return false;
  location.reload();
  return true;
}
