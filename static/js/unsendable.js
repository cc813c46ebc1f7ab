// Where one may no longer write: what still waited there is to be read, copied or discarded.

import { Pending } from "./pending.js";
import { forgetUnsent, isUnsent, onForgotten, unsent } from "./unsent.js";

export function showUnsent(room, log) {
  const { me, room: id } = room.dataset;
  for (const item of unsent(me, id)) {
    const discard = () => {
      forgetUnsent(me, id, item.id);
      pending.element.remove();
      log.log.focus({ preventScroll: true });
    };
    const pending = new Pending(item, { discard });
    log.addPending(pending.element, true);
    pending.fail(item.refused);
    onForgotten(me, id, () => isUnsent(me, id, item.id) || pending.element.remove());
  }
}
