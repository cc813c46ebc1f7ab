// Sets every <time data-moment> right in the reader's own zone. The server's text stands until then,
// and for good without JavaScript. Other modules call showTimes(element) after putting something in.

const page = document.documentElement.lang || "en";
// English has many clocks: the browser's own English decides, and the British one where it speaks another language.
// German is 24 hours everywhere.
const english = navigator.language.startsWith("en") ? navigator.language : "en-GB";
const locale = page === "en" ? english : page;
const isHalfDay = new Intl.DateTimeFormat(locale, { hour: "numeric" }).resolvedOptions().hour12;
const hour = isHalfDay ? "numeric" : "2-digit";

const write = (options) => {
  const format = new Intl.DateTimeFormat(locale, options);
  return (date) => format.format(date);
};
const time = write({ hour, minute: "2-digit" });
const day = write({ day: "numeric", month: "long" });
const dayOfYear = write({ day: "numeric", month: "long", year: "numeric" });
const exact = write({ day: "numeric", month: "long", year: "numeric", hour, minute: "2-digit" });

const weekday = write({ weekday: "long" });
const nearby = new Intl.RelativeTimeFormat(page, { numeric: "auto" });
const isToday = (date) => date.toDateString() === new Date().toDateString();
const dateWords = (date) => (date.getFullYear() === new Date().getFullYear() ? day(date) : dayOfYear(date));
const words = {
  time,
  date: dateWords,
  full: (date) => `${dateWords(date)}, ${time(date)}`,
  // "Heute, Sonntag", "Gestern, Samstag", else "Freitag, 20. November"
  day: (date) => {
    const ago = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 86400000);
    if (ago > 1 || ago < 0) return `${weekday(date)}, ${dateWords(date)}`;
    const near = nearby.format(-ago, "day");
    return `${near[0].toLocaleUpperCase(page)}${near.slice(1)}, ${weekday(date)}`;
  },
  // About when ("Friday evening"): the site's own words, which change too slowly to be told anew.
  part: (_date, text) => text,
  ago: (date, text) => {
    const minutes = Math.floor((Date.now() - date) / 60000);
    return minutes >= 1 && minutes < 60 ? nearby.format(-minutes, "minute") : text;
  },
  auto: (date) => (isToday(date) ? time(date) : dateWords(date)),
};

export function showTimes(root = document) {
  for (const element of root.querySelectorAll("time[data-moment]")) {
    const date = new Date(element.dateTime);
    if (Number.isNaN(date.getTime())) continue;
    const text = (words[element.dataset.moment] || words.auto)(date, element.textContent);
    // A live region must not hear a text again that has not changed.
    if (element.textContent !== text) element.textContent = text;
    element.title = exact(date);
  }
}

showTimes();
setInterval(() => {
  if (document.visibilityState === "visible" && document.querySelector("time[data-moment=ago]")) showTimes();
}, 60000);
