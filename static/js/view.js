// Where a conversation is scrolled to: it follows the newest only while it is there already.

const NEAR = 24;

export class View extends EventTarget {
  isFollowing = true;
  #topEdge = 0;

  // `isEnd` tells whether what stands last is the newest there is.
  constructor(log, pill, isEnd) {
    super();
    this.log = log;
    this.pill = pill;
    this.isEnd = isEnd;
    log.addEventListener("scroll", () => this.look(), { passive: true });
    this.#topEdge = log.getBoundingClientRect().top;
    new ResizeObserver(() => this.#resized()).observe(log);
  }

  // Where the page opened (open.js), once more: what waits to be sent has been put in since.
  open() {
    // Until it was looked where this leads, nothing that is put in may lead away from it.
    this.isFollowing = false;
    if (this.log.open()) this.toEnd();
    requestAnimationFrame(() => this.look());
  }

  toEnd() {
    this.isFollowing = this.isEnd();
    this.pill.hidden ||= this.isFollowing;
    this.log.scrollTop = this.log.scrollHeight;
    this.look();
  }

  // Something is put in or taken away; what is being read stays where it is: the topmost message in sight, or another.
  hold(change, anchor = this.isFollowing ? null : this.inSight[0]) {
    const before = anchor && this.topOf(anchor);
    change();
    if (this.isFollowing) this.toEnd();
    else {
      if (anchor?.isConnected) this.log.scrollTop += this.topOf(anchor) - before;
      this.look();
    }
  }

  get inSight() {
    const { top, bottom } = this.log.getBoundingClientRect();
    return [...this.log.querySelectorAll(".msg")].filter((message) => {
      const box = message.getBoundingClientRect();
      return box.bottom > top + 1 && box.top < bottom - 1;
    });
  }

  // What grows below the fold (a wrapped line, the keyboard of a phone) must not push the newest out of sight; what
  // comes and goes above (the banner) must not move what is being read.
  #resized() {
    const { top } = this.log.getBoundingClientRect();
    if (this.isFollowing) this.toEnd();
    else this.log.scrollTop += top - this.#topEdge;
    this.#topEdge = top;
  }

  topOf(element) {
    return element.getBoundingClientRect().top - this.log.getBoundingClientRect().top;
  }

  look() {
    const isAtBottom = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR;
    this.isFollowing = isAtBottom && this.isEnd();
    if (this.isFollowing) this.dispatchEvent(new Event("end"));
  }
}
