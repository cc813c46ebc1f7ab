"""How a page is looked at: by axe in a theme and size, and for what sticks out of the window."""

from typing import Literal

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Page, ViewportSize

from tests.browser.conftest import DESK, PHONE

Theme = Literal["light", "dark"]
AXE = AXE_FILE_PATH.read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: What depends on colours, places and words, and not only on what a page is made of.
SEEN = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]
NAMED = ["label-content-name-mismatch", "button-name", "link-name", "document-title", "valid-lang"]
SIGHT = {"type": "rule", "values": SEEN + NAMED}
WIDTHS = (1280, 1920, 1024, 768, 320, 390)
#: Colours on their way from one theme to the other are none of either: nothing moves while axe looks.
STILL = """() => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync("*, *::before, *::after, *::backdrop { transition: none !important; animation: none !important }")
    document.adoptedStyleSheets = [sheet]
}"""
LOOK = """async rules => {
    await new Promise(seen => requestAnimationFrame(() => requestAnimationFrame(seen)))
    const options = {runOnly: rules, resultTypes: ["violations"], preload: false, iframes: false}
    const {violations} = await axe.run(document, options)
    return violations.map(one => `${one.id}: ${one.nodes.map(node => `${node.target} ${node.failureSummary}`)}`)
}"""
#: What sticks out of the window without being cut off by a box around it on purpose.
STICKING_OUT = """() => {
    const scroller = document.scrollingElement, width = scroller.clientWidth, found = []
    if (scroller.scrollWidth > width) found.push(`the page is ${scroller.scrollWidth} px wide`)
    const isOut = box => box.width > 0 && box.height > 0 && (box.right > width + 1 || box.left < -1)
    const isCut = element => {
        for (let box = element; box && box !== document.body; box = box.parentElement) {
            const style = getComputedStyle(box)
            if (style.overflowX !== "visible" || style.clipPath !== "none") {
                const edge = box.getBoundingClientRect()
                if (edge.right <= width + 1 && edge.left >= -1) return true
            }
        }
        return false
    }
    const range = document.createRange()
    for (const element of document.body.querySelectorAll("*")) {
        if (!element.checkVisibility() || element.closest("svg") !== null && element.tagName !== "svg") continue
        const boxes = [element.getBoundingClientRect()]
        for (const node of element.childNodes) {
            if (node.nodeType !== Node.TEXT_NODE || !node.data.trim()) continue
            range.selectNodeContents(node)
            boxes.push(...range.getClientRects())
        }
        if (!boxes.some(isOut) || isCut(element)) continue
        const words = element.textContent.trim().slice(0, 40)
        found.push(`<${element.tagName.toLowerCase()} class="${element.getAttribute("class") ?? ""}"> ${words}`)
    }
    return found.slice(0, 4)
}"""


def violations(page: Page, theme: Theme, size: dict[str, int], *, by_all_rules: bool = True) -> list[str]:
    """What axe has to say against the page; or only to what is seen, where all else was asked in the other language."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE)
        page.evaluate(STILL)
    page.emulate_media(color_scheme=theme)
    resize(page, **size)
    return [f"{theme}, {size['width']} px: {wrong}" for wrong in page.evaluate(LOOK, TAGS if by_all_rules else SIGHT)]


def sticking_out(page: Page) -> list[str]:
    """What is wider than the window, at each width. It begins with the desk and ends with the phone."""
    found = []
    for width in WIDTHS:
        resize(page, width, PHONE["height"] if width == PHONE["width"] else DESK["height"])
        found += [f"{width} px: {wrong}" for wrong in page.evaluate(STICKING_OUT)]
    return found


def resize(page: Page, width: int, height: int) -> None:
    size: ViewportSize = {"width": width, "height": height}
    if page.viewport_size != size:
        page.set_viewport_size(size)
