"""Pages in a real browser: accessible, quiet, self-contained, usable without scripts and mouse.

Accessibility is what axe-core finds by the rules of WCAG 2.2, levels A and AA
(https://www.w3.org/TR/WCAG22/).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Watched

    Open = Callable[..., Watched]

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = {
    "home": "/",
    "entity": "/id/bodies/assembly.html",
    "then": "/id/bodies/council.html?as-of=2008-10-20",
    "document": "/source/overview.html",
    "sentence": "/source/overview/p2-s1.html",
    "day": "/as-of/2010-05-05.html",
    "structure": "/structure",
    "timeline": "/timeline",
    "series": "/series",
    "questions": "/questions",
    "question": "/questions/what-contains-what-in-2008",
    "ontology": "/ontology.html",
    "search": "/search?q=Tokaev",
    "sources": "/sources",
    "validation": "/validation",
    "downloads": "/downloads",
    "query": "/sparql",
}
# Long pages repeat few patterns many times: axe reads them in one view, which takes it seconds.
LONG = {"entity", "document", "day", "timeline", "ontology"}
# Every language, both sizes and both looks.
VIEWS = [
    ("kk", "desktop", "light"),
    ("ru", "desktop", "dark"),
    ("en", "phone", "light"),
]


def violations(page: Watched) -> list[tuple[str, str]]:
    page.page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.page.evaluate(
        "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", RULES
    )
    return [
        (fault["id"], fault["nodes"][0]["html"][:200] + fault["nodes"][0]["failureSummary"])
        for fault in found["violations"]
    ]


@pytest.mark.parametrize(("language", "size", "look"), VIEWS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_and_quiet(
    opened: Open, name: str, language: str, size: str, look: str
) -> None:
    page = opened(size, look)
    path = PAGES[name]
    page.go(path + ("&" if "?" in path else "?") + f"lang={language}")
    page.shoot(f"{name}-{language}-{size}-{look}")
    assert page.faults == []
    assert page.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    if name not in LONG or (language, size, look) == VIEWS[0]:
        assert violations(page) == []


def test_facts_and_forms_need_no_script(opened: Open) -> None:
    page = opened(scripts=False)
    page.go("/id/bodies/council.html?lang=en")
    assert page.page.get_by_role("heading", level=1).inner_text() == "Council of the Assembly"
    assert page.page.get_by_text("Сессиялар аралығындағы кезеңде").first.is_visible()
    page.page.get_by_label("As it stood on").fill("2008-10-20")
    page.page.get_by_role("button", name="Show").click()
    assert page.page.get_by_text("This is how it stood on 20 October 2008").is_visible()
    page.page.get_by_label("Search", exact=True).fill("Назарбаев")
    page.page.get_by_role("search").get_by_role("button", name="Search").click()
    first = page.page.locator(".hits a").first
    assert first.inner_text() == "Nursultan Nazarbayev"


def test_the_first_key_leads_past_the_menu(opened: Open) -> None:
    page = opened()
    page.go("/structure?lang=en")
    page.page.keyboard.press("Tab")
    assert page.page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.page.keyboard.press("Enter")
    assert page.page.evaluate("document.activeElement.id") == "content"


def test_every_stop_of_the_tab_key_can_be_seen(opened: Open) -> None:
    page = opened()
    page.go("/id/bodies/council.html?lang=en")
    for _ in range(25):
        page.page.keyboard.press("Tab")
        html, box, outline = page.page.evaluate(
            "() => { const e = document.activeElement; const r = e.getBoundingClientRect();"
            " return [e.outerHTML.slice(0, 200), [r.width, r.height],"
            " getComputedStyle(e).outlineStyle]; }"
        )
        assert min(box) > 0, html
        assert outline != "none", html


def test_suggestions_are_chosen_with_the_arrow_keys(opened: Open) -> None:
    page = opened()
    page.go("/structure?lang=kk")
    field = page.page.get_by_role("combobox").first
    field.type("тәуелс")
    page.page.get_by_role("option").first.wait_for()
    page.page.keyboard.press("ArrowDown")
    page.page.keyboard.press("Enter")
    page.page.wait_for_url("**/id/**")
    assert "lang=kk" in page.page.url
    assert page.faults == []


def test_the_slider_moves_the_chart_through_time(opened: Open) -> None:
    page = opened()
    page.go("/structure?lang=en&as-of=2008-10-20")
    page.page.get_by_label("Move through time").press("ArrowLeft")
    page.page.wait_for_url(lambda url: "as-of=" in url and "2008-10-20" not in url)
    assert page.page.get_by_role("heading", level=1).is_visible()


def test_the_language_that_was_chosen_stays(opened: Open) -> None:
    page = opened()
    page.go("/?lang=kk")
    page.page.get_by_role("link", name="Құрылым").first.click()
    assert page.page.evaluate("document.documentElement.lang") == "kk"


def test_on_paper_there_is_no_menu(opened: Open) -> None:
    page = opened()
    page.go("/id/bodies/council.html?lang=en")
    page.page.emulate_media(media="print")
    assert not page.page.get_by_role("navigation", name="Sections").is_visible()
    assert page.page.get_by_role("heading", level=1).is_visible()
