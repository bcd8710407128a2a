"""Pages in a real browser: accessible, quiet, self-contained, usable without scripts and mouse.

Every kind of page is seen in each language, size and look; which of them go together changes from
kind to kind, so that every two have met somewhere.
"""

from __future__ import annotations

from itertools import permutations, product
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from tests.browser.kinds import FAULTS, PAGES, in_language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.browser.conftest import Watched

    Open = Callable[..., Watched]

# A page of more elements repeats few patterns many times: axe, which takes seconds there, reads all
# of it in one view of its kind, and the beginning of each list in the others.
LONG = 1000
# Bytes that a page and all it loads may take; the editor brings a program.
HEAVIEST = 150_000
EDITOR = 250_000


def _crossed() -> Iterator[tuple[str, str, str, str, bool]]:
    """Each kind in three views, which between them have each language, both sizes, both looks.

    The last member says whether axe reads the whole page however long it is: in the first view.
    """
    ways = list(product(permutations(("kk", "ru", "en")), (False, True), (False, True)))
    for number, name in enumerate(PAGES):
        languages, phone_first, dark_first = ways[number % len(ways)]
        sizes = ("phone", "desktop") if phone_first else ("desktop", "phone")
        looks = ("dark", "light") if dark_first else ("light", "dark")
        yield name, languages[0], sizes[0], looks[0], True
        yield name, languages[1], sizes[0], looks[1], False
        yield name, languages[2], sizes[1], looks[0], False


VIEWS = list(_crossed())


@pytest.mark.parametrize(("name", "language", "size", "look", "whole"), VIEWS)
def test_a_page_is_accessible_and_quiet(
    views: Open, name: str, language: str, size: str, look: str, *, whole: bool
) -> None:
    page = views(size, look)
    page.go(in_language(PAGES[name], language))
    page.shoot(f"{name.replace(' ', '-')}-{language}-{size}-{look}")
    # A browser notes an answer that is a fault in its console; nothing else may stand there.
    assert [said for said in page.faults if name not in FAULTS or "status of 4" not in said] == []
    assert not page.overflows()
    assert page.weight() <= (HEAVIEST if name != "query" else EDITOR)
    if not whole and page.page.locator("*").count() > LONG:
        page.shorten()
    assert page.violations() == []


@pytest.mark.parametrize("name", PAGES)
def test_on_the_narrowest_screen_without_scripts_every_word_is_there(
    views: Open, name: str
) -> None:
    """Nothing but the slider and the editor is made by a script."""
    page, bare = views("narrow", "light"), views("narrow", "light", scripts=False)
    for one in (page, bare):
        one.go(in_language(PAGES[name], "kk"))
    slider = "\n".join(page.page.locator("form.slide").all_inner_texts())
    scripted, plain = (
        set(one.page.locator("main").inner_text().splitlines()) for one in (page, bare)
    )
    assert not page.overflows()
    assert name == "query" or scripted - plain - set(slider.splitlines()) == set()


def test_every_page_of_the_menus_is_a_kind_of_page(views: Open) -> None:
    page = views("desktop", "light")
    page.go("/?lang=en")
    menus = page.page.locator("nav.sections a, footer a:not([rel~=external])")
    addresses = {urlsplit(link).path for link in menus.evaluate_all("all => all.map(a => a.href)")}
    absent = addresses - {urlsplit(path).path for path in PAGES.values()}
    assert not absent, f"give {sorted(absent)} a line in tests/browser/kinds.py"


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


@pytest.mark.parametrize(
    "name", ["norm", "source", "structure", "map", "difference", "question", "explanation"]
)
def test_every_stop_of_the_tab_key_can_be_seen(views: Open, name: str) -> None:
    page = views("desktop", "dark")
    page.go(in_language(PAGES[name], "en"))
    for _ in range(30):
        page.page.keyboard.press("Tab")
        html, box, outline = page.page.evaluate(
            "() => { const e = document.activeElement; const r = e.getBoundingClientRect();"
            " return [e.outerHTML.slice(0, 200), [r.width, r.height],"
            " getComputedStyle(e).outlineStyle]; }"
        )
        assert min(box) > 0, html
        assert outline != "none", html


def test_the_tab_key_walks_from_the_menus_over_the_day_to_a_sentence(views: Open) -> None:
    page = views("desktop", "light")
    page.go(in_language(PAGES["norm"], "en"))
    parts = [".skip", ".home", "form.find", ".languages", ".sections", "form.day", ".facts", ".ref"]
    met: list[str] = []
    while ".ref" not in met:
        page.page.keyboard.press("Tab")
        here = "part => document.activeElement.closest(part) !== null"
        met += [part for part in parts if part not in met and page.page.evaluate(here, part)]
        assert page.page.evaluate("document.activeElement !== document.body"), met
    assert met == parts
    page.page.keyboard.press("Enter")
    page.page.keyboard.press("Tab")
    assert page.page.evaluate("document.activeElement.closest('.notes > li:target') !== null")


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
