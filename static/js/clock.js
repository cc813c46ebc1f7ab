// How long ago something was, whatever happens to the clocks: the wall's may be set forward or back, the page's own may
// stand still while the machine sleeps. Whichever says more is believed: asking once too often harms nobody.

export const now = () => ({ page: performance.now(), wall: Date.now() });

export const since = (then) => Math.max(performance.now() - then.page, Math.abs(Date.now() - then.wall));
