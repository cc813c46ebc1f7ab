"""A page by the Tab key alone: everything that can be used is reached, seen to be reached, and in sight."""

from playwright.sync_api import Page

#: Numbers what Tab should reach, from the first to the last; of radio buttons one of a group.
EXPECTED = """() => {
    const groups = new Set(), found = []
    const all = "a[href], button, input, select, textarea, summary, [tabindex], [contenteditable]"
    for (const element of document.querySelectorAll(all)) {
        if (element.tabIndex < 0 || element.disabled || element.type === "hidden") continue
        if (!element.checkVisibility({visibilityProperty: true}) || element.closest("[inert]")) continue
        if (element.type === "radio") {
            if (groups.has(element.name)) continue
            groups.add(element.name)
        }
        element.dataset.walk = found.length
        found.push(element)
    }
    document.querySelector(".skip-link").focus()
    return found.length
}"""
#: Of what has the focus: its number, its words, and what is wrong with how it looks.
STANDING = """() => {
    const at = document.activeElement
    if (!at || at === document.body) return null
    const words = (at.ariaLabel || at.textContent || at.name || at.tagName).trim().slice(0, 40)
    const wrong = []
    const rings = [at, at.nextElementSibling, at.closest("label"), at.parentElement].filter(Boolean)
    const isRinged = rings.some(one => {
        const style = getComputedStyle(one)
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 || style.boxShadow !== "none"
    })
    if (!isRinged) wrong.push("nothing shows that it has the focus")
    const box = at.getBoundingClientRect()
    const across = Math.min(Math.max((box.left + box.right) / 2, 0), innerWidth - 1)
    const down = Math.min(Math.max(box.top, 0) + 1, innerHeight - 1)
    const up = Math.max(Math.min(box.bottom, innerHeight) - 1, 0)
    const isIn = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth
    if (!isIn) wrong.push("it is out of sight")
    else if (box.width && ![down, (down + up) / 2, up].some(y => {
        const top = document.elementFromPoint(across, y)
        // A switch is drawn beside the box that has the focus.
        const around = at.matches("input") && at.parentElement !== document.body ? at.parentElement : at
        return top && (around.contains(top) || top.contains(at) || at.closest("label")?.contains(top))
    })) wrong.push("something lies over it")
    const radio = at.type === "radio" && document.querySelector(`[type=radio][name="${at.name}"][data-walk]`)
    return {number: Number((radio || at).dataset.walk ?? -1), words, wrong}
}"""
MOST = 250


def misled(page: Page) -> list[str]:
    """What is wrong with the way that Tab takes through the page, beginning at its first link."""
    missing, found, before = set(range(page.evaluate(EXPECTED))), [], -1
    for _ in range(MOST):
        here = page.evaluate(STANDING)
        if here is None or (not missing and here["number"] == before):
            break
        found += [f"{here['words']!r}: {wrong}" for wrong in here["wrong"]]
        if 0 <= here["number"] < before:
            if here["number"] == 0:
                break  # once around
            found.append(f"{here['words']!r}: Tab leads back to it")
        missing.discard(here["number"])
        before = max(before, here["number"])
        page.keyboard.press("Tab")
    names = "number => document.querySelector(`[data-walk='${number}']`)?.outerHTML.slice(0, 80)"
    return found + [f"Tab does not reach {page.evaluate(names, number)}" for number in sorted(missing)]
