// What waits to be sent to rooms that are not open here. What one of them refuses waits there to be seen.

import { bySocket } from "./delivery.js";
import { live } from "./live.js";
import { forgetUnsent, isHeld, isUnsent, keepUnsent, unsent } from "./unsent.js";

const AGAIN_AFTER = 10000;

// The room one has open (`here`) sends its own.
export function sendElsewhere(me, here) {
  let isBusy = false;
  let timer = 0;

  const sendAll = async () => {
    if (isBusy) return;
    isBusy = true;
    clearTimeout(timer);
    const tried = new Set();
    // Behind what did not get through its room waits, so that the order stays.
    const stuck = new Set([here]);
    const next = () => unsent(me).find((item) => !stuck.has(item.room) && !tried.has(item.id) && !isHeld(item));
    for (let item; (item = next()); ) {
      tried.add(item.id);
      const answer = await bySocket(item.room, item);
      if (answer?.id) forgetUnsent(me, item.room, item.id);
      else if (!answer?.isFinal) stuck.add(item.room);
      else if (isUnsent(me, item.room, item.id)) keepUnsent(me, item.room, { ...item, refused: answer.reason ?? "" });
    }
    isBusy = false;
    if (stuck.size > 1) timer = setTimeout(() => live.isOpen && sendAll(), AGAIN_AFTER);
  };

  live.addEventListener("open", sendAll);
}
