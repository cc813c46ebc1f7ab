// Says that the connection is lost, and that it is back; not for what is over in a moment.

import { live } from "./live.js";

const AFTER = 3000;
const STAYS = 3000;

export function bindBanner(room) {
  const banner = (name) => room.querySelector(`[data-connection] [data-when="${name}"]`);
  let losing = 0;
  let leaving = 0;

  const lose = () => {
    losing ||= setTimeout(() => {
      clearTimeout(leaving);
      banner("back").hidden = true;
      banner("lost").hidden = false;
    }, AFTER);
  };

  const find = () => {
    clearTimeout(losing);
    losing = 0;
    if (banner("lost").hidden) return;
    banner("lost").hidden = true;
    banner("back").hidden = false;
    leaving = setTimeout(() => (banner("back").hidden = true), STAYS);
  };

  for (const name of ["closed", "doubted"]) live.addEventListener(name, lose);
  for (const name of ["open", "heard"]) live.addEventListener(name, find);
}
