"""What a page looks like once it is laid out: functions that run in the page, and their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.browser.visit import Visit

_LAY_OUT = """
() => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync("* { content-visibility: visible !important }")
    document.adoptedStyleSheets.push(sheet)
}
"""
_OVERFLOW = """
() => {
    const page = document.documentElement
    const wide = element => {
        const box = element.getBoundingClientRect()
        return box.width && box.height && box.right > page.clientWidth + 1
    }
    return page.scrollWidth <= page.clientWidth ? [] :
        [...document.querySelectorAll("body *")].filter(wide).slice(0, 8).map(
            element => `${element.tagName.toLowerCase()}.${element.className}`)
            .concat(`the page: ${page.scrollWidth} > ${page.clientWidth}`)
}
"""
_CLIPPED = """
() => [...document.querySelectorAll("article *")].filter(element => {
    const style = getComputedStyle(element)
    return element.checkVisibility() && style.clipPath === "none"
        && ["hidden", "clip", "auto", "scroll"].includes(style.overflowX)
        && element.scrollWidth > element.clientWidth + 1
}).map(element => `${element.tagName.toLowerCase()}.${element.className}`)
"""
_CUT_CARDS = """
() => [...document.querySelectorAll("table.stacked")].filter(table => {
    const region = table.closest("[role=region]")
    return getComputedStyle(table).display === "block" && region.scrollWidth > region.clientWidth
}).map(table => table.closest("[role=region]").getAttribute("aria-label"))
"""
# A cell with more lines than words has broken its words into letters.
_SQUEEZED = """
() => [...document.querySelectorAll(
    "th, td, dt, dd, h1, h2, .pill, .fold__name"
)].filter(element => {
    const words = element.textContent.trim().split(/[\\s\u2010-\u2015/-]+/)
    const range = document.createRange()
    range.selectNodeContents(element)
    const lines = new Set([...range.getClientRects()].map(box => Math.round(box.bottom / 4)))
    const fits = words.every(word => word.length <= 24)
    return element.checkVisibility() && fits && lines.size > words.length + 2
}).map(element => element.textContent.trim().slice(0, 40))
"""
_UNREACHABLE_TABLES = """
() => [...document.querySelectorAll("table")].filter(table => {
    const region = table.closest("[role=region]")
    return !region || region.tabIndex !== 0 || !region.getAttribute("aria-label")
}).map(table => table.textContent.trim().slice(0, 60))
"""
# Two rows are of one kind when they have the same elements of the same classes in the same order.
_LEAVE_ONE = """
() => {
    const seen = new Set()
    const describe = element => `${element.localName}.${element.getAttribute("class")}`
    for (const part of document.querySelectorAll("article section.lot, tbody tr")) {
        const kind = [part, ...part.querySelectorAll("*")].map(describe).join()
        const place = part.parentElement.closest("article > *")?.localName
        if (seen.has(`${place}: ${kind}`)) part.remove()
        seen.add(`${place}: ${kind}`)
    }
    for (const table of document.querySelectorAll("table"))
        if (!table.querySelector("tbody tr")) table.closest("[role=region]").remove()
}
"""


def lay_out_everything(visit: Visit) -> None:
    """Have what lies far below laid out too, which a browser puts off until it is needed."""
    visit.ask(_LAY_OUT)


def leave_one_of_each_kind(visit: Visit) -> None:
    """Take away rows and cards that are made as an earlier one is: to look at them says no more."""
    visit.ask(_LEAVE_ONE)


def find_overflow(visit: Visit) -> list[str]:
    """Return what makes the page wider than its window, if it is."""
    lay_out_everything(visit)
    return list(visit.ask(_OVERFLOW))


def find_clipped(visit: Visit) -> list[str]:
    """Return what is wider than the box that it is cut off or scrolled in."""
    lay_out_everything(visit)
    return list(visit.ask(_CLIPPED))


def find_cut_cards(visit: Visit) -> list[str]:
    """Return tables whose rows are cards, but wider than the screen."""
    lay_out_everything(visit)
    return list(visit.ask(_CUT_CARDS))


def find_squeezed(visit: Visit) -> list[str]:
    """Return texts that have so little room that their words are broken into letters."""
    lay_out_everything(visit)
    return list(visit.ask(_SQUEEZED))


def find_unreachable_tables(visit: Visit) -> list[str]:
    """Return tables that do not stand in a labelled region that the keyboard reaches."""
    return list(visit.ask(_UNREACHABLE_TABLES))
