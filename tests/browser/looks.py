"""How a page is looked at: by axe in a theme and size, and for what sticks out of the window."""

from collections.abc import Sequence
from typing import Literal

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Page, ViewportSize

Theme = Literal["light", "dark"]
AXE = AXE_FILE_PATH.read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: What depends on colours, places and words, and not only on what a page is made of.
SEEN = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]
NAMED = ["label-content-name-mismatch", "button-name", "link-name", "document-title", "valid-lang"]
SIGHT = {"type": "rule", "values": SEEN + NAMED}
#: It begins with the desk and ends with the phone; between them a desk at 200 % and at 400 %.
SIZES = ((1280, 800), (1920, 1080), (1024, 800), (768, 1024), (640, 400), (320, 200), (320, 640), (390, 844))
#: Where words are known to fit that are longer, in the same boxes: the narrowest, and the desk.
FEW_SIZES = (SIZES[0], SIZES[-2], SIZES[-1])
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
#: What is wrong with the boxes of a page: it sticks out of the window without being cut off by a box around it on
#: purpose; its words are cut off by a box that does not say so with dots; it lies over other words.
BOXES = """() => {
    const scroller = document.scrollingElement, width = scroller.clientWidth, found = []
    if (scroller.scrollWidth > width) found.push(`the page is ${scroller.scrollWidth} px wide`)
    const top = [...document.querySelectorAll("dialog[open], :popover-open")].at(-1) ?? document.body
    const named = element => `<${element.tagName.toLowerCase()} class="${element.getAttribute("class") ?? ""}"> ` +
        element.textContent.trim().slice(0, 40)
    const isOut = box => box.width > 0 && box.height > 0 && (box.right > width + 1 || box.left < -1)
    const around = function* (element) {
        for (let box = element; box && box !== document.body; box = box.parentElement)
            yield [box, getComputedStyle(box)]
    }
    const isCut = element => {
        for (const [box, style] of around(element)) {
            if (style.overflowX === "visible" && style.clipPath === "none") continue
            const edge = box.getBoundingClientRect()
            if (edge.right <= width + 1 && edge.left >= -1) return true
        }
        return false
    }
    // Bars stand above what scrolls below them; faces overlap on purpose; what only ears hear has no place.
    const isApart = element => {
        if (element.closest(".vh, .skip-link, .faces, .seats ul, .avatar, .log-end, svg")) return true
        for (const [, style] of around(element))
            if (["fixed", "sticky"].includes(style.position) || style.clipPath !== "none") return true
        return false
    }
    const range = document.createRange(), words = []
    for (const element of top.querySelectorAll("*")) {
        if (!element.checkVisibility() || element.closest("svg") !== null && element.tagName !== "svg") continue
        const boxes = [element.getBoundingClientRect()], texts = []
        for (const node of element.childNodes) {
            if (node.nodeType !== Node.TEXT_NODE || !node.data.trim()) continue
            range.selectNodeContents(node)
            texts.push(...range.getClientRects())
        }
        if ([...boxes, ...texts].some(isOut) && !isCut(element)) found.push(named(element))
        if (isApart(element)) continue
        for (const box of texts) {
            let cut = {left: box.left, right: box.right, top: box.top, bottom: box.bottom}
            for (const [outer, style] of around(element)) {
                if (style.overflowX === "visible" && style.overflowY === "visible") continue
                const edge = outer.getBoundingClientRect()
                const hides = ["hidden", "clip"].includes(style.overflowX)
                const dots = style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none"
                if (hides && !dots && (box.right > edge.right + 1 || box.left < edge.left - 1))
                    found.push(`cut off: ${named(element)}`)
                cut = {left: Math.max(cut.left, edge.left), right: Math.min(cut.right, edge.right),
                    top: Math.max(cut.top, edge.top), bottom: Math.min(cut.bottom, edge.bottom)}
            }
            if (cut.right - cut.left > 2 && cut.bottom - cut.top > 2) words.push([cut, element])
        }
    }
    words.sort((one, other) => one[0].top - other[0].top)
    words.forEach(([box, element], at) => {
        for (let next = at + 1; next < words.length && words[next][0].top < box.bottom - 3; next++) {
            const [beside, other] = words[next]
            const across = Math.min(box.right, beside.right) - Math.max(box.left, beside.left)
            const down = Math.min(box.bottom, beside.bottom) - beside.top
            // Lines of text touch; a letter that hangs below its line is no overlap.
            if (element === other || across < 3 || down < 5) continue
            found.push(`on top of one another: ${named(element)} and ${named(other)}`)
        }
    })
    return [...new Set(found)].slice(0, 4)
}"""


def violations(page: Page, theme: Theme, size: dict[str, int], *, by_all_rules: bool = True) -> list[str]:
    """What axe has to say against the page; or only to what is seen, where all else was asked in the other language."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE)
        page.evaluate(STILL)
    page.emulate_media(color_scheme=theme)
    resize(page, **size)
    return [f"{theme}, {size['width']} px: {wrong}" for wrong in page.evaluate(LOOK, TAGS if by_all_rules else SIGHT)]


def misplaced(page: Page, sizes: Sequence[tuple[int, int]] = SIZES) -> list[str]:
    """What sticks out, is cut off or overlaps, at each size."""
    found = []
    for width, height in sizes:
        resize(page, width, height)
        found += [f"{width} × {height}: {wrong}" for wrong in page.evaluate(BOXES)]
    return found


def resize(page: Page, width: int, height: int) -> None:
    size: ViewportSize = {"width": width, "height": height}
    if page.viewport_size != size:
        page.set_viewport_size(size)
