// Where a conversation is scrolled to: it follows the newest only while it is there already.

const NEAR = 24;
const BELOW_TOP = 48;

export class View extends EventTarget {
  isFollowing = true;

  constructor(log, pill) {
    super();
    this.log = log;
    this.pill = pill;
    log.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    // What grows below the fold (a wrapped line, the keyboard of a phone) must not push the newest out of sight.
    new ResizeObserver(() => this.isFollowing && this.toEnd()).observe(log);
  }

  open() {
    const place = location.hash.startsWith("#message-") && document.getElementById(location.hash.slice(1));
    // Whoever asked for the newest gets it, however much above it is unread.
    const wantsNewest = new URLSearchParams(location.search).get("at") === "newest";
    const unread = !wantsNewest && document.getElementById("unread");
    if (place) place.scrollIntoView({ block: "center" });
    else if (unread) this.log.scrollTop += this.#topOf(unread) - BELOW_TOP;
    else this.toEnd();
    requestAnimationFrame(() => this.#scrolled());
  }

  toEnd() {
    this.isFollowing = true;
    this.pill.hidden = true;
    this.log.scrollTop = this.log.scrollHeight;
  }

  // Something is put in above; what is being read stays where it is.
  keep(change) {
    const fromEnd = this.log.scrollHeight - this.log.scrollTop;
    change();
    this.log.scrollTop = this.log.scrollHeight - fromEnd;
  }

  #topOf(element) {
    return element.getBoundingClientRect().top - this.log.getBoundingClientRect().top;
  }

  #scrolled() {
    this.isFollowing = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR;
    if (this.isFollowing) this.dispatchEvent(new Event("end"));
  }
}
