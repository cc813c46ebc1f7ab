// What this page may give signs of, such as "is here". The server says it and takes it back; nothing else is sent.

import { live } from "./live.js";

let may = [];

live.addEventListener("signs", ({ detail }) => {
  may = detail.may;
});
live.addEventListener("closed", () => {
  may = [];
});

export const sign = (name, more = {}) => may.includes(name) && live.send({ type: "sign", name, ...more });
