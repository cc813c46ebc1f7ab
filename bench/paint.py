"""How soon a page is there, and whether it moves while it comes. In Chromium, with a processor four times slower."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize

from bench.chrome import View, browser_of
from bench.table import Row

THROTTLE = 4
RUNS = 7
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
#: Units: milliseconds. What comes later than that, somebody has called.
WATCHED_MS = 2000
#: Less than this nobody sees: a pixel's fraction, rounded.
NOTHING = 0.001

#: Before anything of the page: what moves, and of what it was a part. Moves that answer a hand are no fault.
WATCH = """
window.moved = []
new PerformanceObserver(list => {
  for (const entry of list.getEntries().filter(entry => !entry.hadRecentInput)) {
    const what = entry.sources.map(({ node, previousRect: from, currentRect: to }) => {
      const element = node?.nodeType === Node.TEXT_NODE ? node.parentElement : node
      const name = element ? `${element.localName}.${element.className?.baseVal ?? element.className}` : "?"
      return `${name} ${from.x},${from.y} ${from.width}×${from.height} → ${to.x},${to.y} ${to.width}×${to.height}`
    })
    window.moved.push({ value: entry.value, at: entry.startTime, what })
  }
}).observe({ type: "layout-shift", buffered: true })
"""
#: Resolves with two moments: of the first text or picture, 0 where in ten seconds none came, and of the first byte.
PAINTED = """() => new Promise(resolve => {
  const begin = performance.now()
  const ask = () => {
    const painted = performance.getEntriesByName("first-contentful-paint")[0]?.startTime
    if (painted || performance.now() - begin > 10000) {
      resolve([painted ?? 0, performance.getEntriesByType("navigation")[0].responseStart])
    } else setTimeout(ask, 20)
  }
  ask()
})"""


@dataclass(frozen=True)
class Paint:
    """Units: milliseconds from the start of the navigation to the first byte, and to the first text or picture."""

    answered: float
    painted: float

    def __str__(self) -> str:
        return f"{self.painted:.0f} ({self.answered:.0f})"


def measure(program: str, views: Sequence[View]) -> list[Row]:
    """Each time in a context of its own: nothing is cached, no connection is open."""
    paints: dict[str, list[Paint]] = {view.title: [] for view in views}
    least: list[Paint] = []
    with browser_of(program) as browser:
        for view in views:
            first_paint(browser, view)  # once for nothing: the web process reads its templates
        for _ in range(RUNS):
            least.append(least_paint(browser))
            for view in views:
                paints[view.title].append(first_paint(browser, view))
        shifts = [
            Row(f"{view.title}: layout shift in {WATCHED_MS / 1000:.0f} s", worst_shift(browser, view), 0, 0, "")
            for view in views
        ]
    for title, found in {"one letter": least, **paints}.items():
        print(f"paint (of it until the first byte): {title} {', '.join(map(str, found))} ms", flush=True)
    return [
        *(
            Row(f"{title}: first paint, CPU {THROTTLE}× slower", median(one.painted for one in found), 500, 300, "ms")
            for title, found in paints.items()
        ),
        *shifts,
    ]


def slow_page(browser: Browser, size: ViewportSize) -> Page:
    context = browser.new_context(viewport=size, locale="en", timezone_id="Europe/Berlin")
    context.add_init_script(WATCH)
    page = context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
    return page


def opened(browser: Browser, view: View, size: ViewportSize) -> Page:
    page = slow_page(browser, size)
    view.sign_in(page.context)
    answer = page.goto(view.url, wait_until="commit")
    if answer is None or answer.status != 200 or page.url != view.url:
        raise SystemExit(f"{view.title}: {answer.status if answer else 'no answer'} at {page.url}.")
    return page


def first_paint(browser: Browser, view: View) -> Paint:
    return paint_of(opened(browser, view, DESK), view.title)


def least_paint(browser: Browser) -> Paint:
    """Of one letter: what it takes on this machine, as busy as it is, to paint anything."""
    page = slow_page(browser, DESK)
    page.goto("data:text/html,<p>x", wait_until="commit")
    return paint_of(page, "a letter")


def paint_of(page: Page, title: str) -> Paint:
    painted, answered = page.evaluate(PAINTED)
    page.context.close()
    if not painted:
        raise SystemExit(f"{title}: nothing was painted.")
    return Paint(answered, painted)


def worst_shift(browser: Browser, view: View) -> float:
    """Of a desk and a phone; what moved is printed."""
    return max(shift(browser, view, size) for size in (DESK, PHONE))


def shift(browser: Browser, view: View, size: ViewportSize) -> float:
    page = opened(browser, view, size)
    page.wait_for_timeout(WATCHED_MS)
    moved: list[dict[str, Any]] = page.evaluate("window.moved")
    page.context.close()
    total = sum(float(one["value"]) for one in moved)
    if total < NOTHING:
        return 0
    for one in moved:
        print(f"shift: {view.title}, {size['width']} wide, {one['value']:.4f} at {one['at']:.0f} ms: {one['what']}")
    return total
