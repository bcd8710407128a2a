"""The query editor in a real browser: asking, completing, faults, charts, links, files, no script.

The release's own terms are used, because an answer's names come from the graph.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.conftest import Watched

    Open = Callable[..., Watched]

CLASSES = """SELECT ?class (COUNT(*) AS ?things) WHERE {
  ?thing a ?class
  FILTER (STRSTARTS(STR(?class), "https://w3id.org/assembly-kz/ontology#"))
}
GROUP BY ?class ORDER BY DESC(?things) ?class LIMIT 12
"""
STATUS = """PREFIX akz: <https://w3id.org/assembly-kz/ontology#>
SELECT ?body ?status WHERE { ?body akz:hasLegalStatus ?status } ORDER BY ?body ?status
"""


def asked(opened: Open, query: str, *, language: str = "en", **look: str) -> Watched:
    """The editor with a query in its address, answered."""
    page = opened(*look.values())
    page.go(f"/sparql?lang={language}#query={quote(query)}")
    page.page.wait_for_selector("#answer table, #answer .problem")
    return page


def write(page: Watched, text: str) -> None:
    """Type into the empty editor."""
    page.page.click(".CodeMirror")
    page.page.keyboard.press("Control+a")
    page.page.keyboard.press("Delete")
    page.page.keyboard.type(text)


def written(page: Watched) -> str:
    text: str = page.page.evaluate("document.querySelector('.CodeMirror').CodeMirror.getValue()")
    return text


def cells(page: Watched, column: int) -> list[str]:
    return page.page.locator(f"#answer tbody td:nth-child({column})").all_inner_texts()


@pytest.mark.parametrize(
    ("language", "name"),
    [("kk", "дереккөз үзіндісі"), ("ru", "фрагмент источника"), ("en", "segment")],
)
def test_an_answer_has_names_in_the_readers_language(
    opened: Open, language: str, name: str
) -> None:
    page = asked(opened, CLASSES, language=language)
    page.page.wait_for_function(
        "name => document.querySelector('#answer tbody').innerText.includes(name)", arg=name
    )
    page.page.uncheck("#answer .switch input")
    page.page.wait_for_function(
        "document.querySelector('#answer tbody').innerText.includes('akz:Segment')"
    )
    assert page.faults == []


@pytest.mark.parametrize(("size", "look"), [("desktop", "light"), ("phone", "dark")])
def test_the_answer_and_its_chart_are_accessible(opened: Open, size: str, look: str) -> None:
    page = asked(opened, CLASSES, language="ru", size=size, look=look)
    page.page.click("#answer summary")
    page.page.wait_for_selector("#answer svg rect")
    page.shoot(f"query-answer-{size}-{look}")
    assert len(page.page.query_selector_all("#answer svg rect")) == 12
    assert page.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.violations() == []
    assert page.faults == []


def test_a_column_is_sorted_by_its_heading(opened: Open) -> None:
    page = asked(opened, CLASSES)
    page.page.click("#answer th button:has-text('things')")
    numbers = [int(text.replace(",", "")) for text in cells(page, 2)]
    assert numbers == sorted(numbers)
    assert page.page.get_attribute("#answer th:nth-child(2)", "aria-sort") == "ascending"


def test_an_example_is_put_in_and_asked(opened: Open) -> None:
    page = opened()
    page.go("/sparql?lang=en")
    page.page.select_option("#example", "what-events-began-and-ended")
    page.page.click("#examples button")
    page.page.wait_for_selector("#answer table")
    assert "SELECT" in written(page)
    assert "#query=" in page.page.url


def test_a_day_asks_what_was_in_force_on_it(opened: Open) -> None:
    page = asked(opened, STATUS, language="en")
    then = opened()
    then.go(f"/sparql?lang=en#query={quote(STATUS)}&as-of=2007-01-01")
    then.page.wait_for_selector("#answer table")
    then.page.wait_for_function("!document.querySelector('#answer-status').innerText.includes('…')")
    assert then.page.input_value("#as-of") == "2007-01-01"
    assert cells(then, 2) != cells(page, 2)
    assert any("consultative" in text for text in cells(then, 2))


def test_a_fault_is_marked_at_its_line_and_column(opened: Open) -> None:
    page = asked(opened, "SELECT * WHERE {\n  ?s ?p ?o .\n  ?s nowhere:name ?n\n}")
    assert "Line 3, column 6" in page.page.inner_text(".problem")
    assert "is not declared" in page.page.inner_text(".problem")
    assert page.page.inner_text(".CodeMirror .fault").startswith("nowhere")
    assert page.violations() == []
    # A browser notes every answer 400 in its console; nothing else may stand there.
    assert [fault for fault in page.faults if "400" not in fault] == []


def test_the_first_line_that_is_not_sparql_is_marked_before_it_is_asked(opened: Open) -> None:
    page = opened()
    page.go("/sparql?lang=en")
    write(page, "SELECT * WHERE {\n?s ?p ?o .\nFILTER (?s = )\n")
    sign = page.page.locator(".CodeMirror-gutter-wrapper:has(.fault-sign)")
    assert sorted(sign.inner_text().split()) == ["!", "3"]
    assert page.faults == []


def test_terms_things_and_words_of_any_script_are_completed(opened: Open) -> None:
    page = opened()
    page.go("/sparql?lang=kk")
    write(page, "SELECT * { ?s akz:hasLegalS")
    page.page.wait_for_selector(".CodeMirror-hint:has-text('akz:hasLegalStatus')")
    assert page.violations() == []
    page.page.keyboard.press("Enter")
    assert written(page).startswith("PREFIX akz: <https://w3id.org/assembly-kz/ontology#>")
    page.page.keyboard.type(" ?o . bodies:sen")
    page.page.wait_for_selector(".CodeMirror-hint:has-text('bodies:senate')")
    page.page.keyboard.press("Enter")
    page.page.keyboard.type(" ?p Тоқаев")
    page.page.keyboard.press("Control+Space")
    page.page.wait_for_selector(".CodeMirror-hint:has-text('people:kassym-jomart-tokayev')")
    page.page.keyboard.press("Enter")
    assert "bodies:senate ?p people:kassym-jomart-tokayev" in written(page)
    assert page.faults == []


def test_the_keyboard_alone_asks_and_leaves_the_editor(opened: Open) -> None:
    page = opened()
    page.go("/sparql?lang=en")
    write(page, "ASK { ?s ?p ?o ")
    page.page.keyboard.press("Tab")
    assert page.page.evaluate("document.activeElement.id") == "run"
    page.page.keyboard.press("Shift+Tab")
    page.page.keyboard.type("}")
    page.page.keyboard.press("Control+Enter")
    page.page.wait_for_selector("#answer-body .lead:has-text('Yes')")


def test_a_result_is_downloaded_as_a_file(opened: Open) -> None:
    page = asked(opened, STATUS)
    with page.page.expect_download() as waiting:
        page.page.click("#answer .downloads button:has-text('SPARQL results in JSON')")
    document = json.loads(Path(waiting.value.path()).read_text(encoding="utf-8"))
    assert document["head"]["vars"] == ["body", "status"]
    assert len(document["results"]["bindings"]) == len(cells(page, 1))


def test_queries_stand_in_tabs_that_are_named_closed_and_kept(opened: Open) -> None:
    page = opened()
    page.go("/sparql?lang=kk")
    tabs = page.page.get_by_role("tab")
    page.page.get_by_role("button", name="Жаңа сұрау").click()
    write(page, "ASK { ?s ?p ?o }")
    page.page.keyboard.press("Control+Enter")
    page.page.wait_for_selector("#answer-body .lead")
    page.page.get_by_role("button", name="Атын өзгерту").click()
    page.page.keyboard.type("Бір нәрсе бар ма")
    page.page.keyboard.press("Enter")
    page.page.keyboard.press("ArrowLeft")
    assert written(page).startswith("SELECT ?class")
    assert not page.page.is_visible("#answer")
    page.page.keyboard.press("ArrowRight")
    assert page.page.inner_text("#answer-body .lead") == "Иә"
    assert page.violations() == []
    page.shoot("query-tabs")
    page.go("/sparql?lang=kk")
    assert tabs.all_inner_texts() == ["1-сұрау", "Бір нәрсе бар ма"]
    assert written(page) == "ASK { ?s ?p ?o }"
    page.go("/sparql?lang=kk&edit=ASK%7B%7D")
    assert (tabs.count(), written(page)) == (3, "ASK{}")
    tabs.nth(2).focus()
    page.page.keyboard.press("Delete")
    page.page.reload()
    assert tabs.all_inner_texts() == ["1-сұрау", "Бір нәрсе бар ма"]
    assert page.faults == []


def test_a_chosen_release_is_completed_from_and_kept_in_links(opened: Open) -> None:
    page = opened()
    page.go("/sparql?lang=ru&release=current")
    write(page, "SELECT * { ?s ?p Тоқаев")
    with page.page.expect_request("**/search.json*") as asked:
        page.page.keyboard.press("Control+Space")
    assert "release=current" in asked.value.url
    page.page.wait_for_selector(".CodeMirror-hint:has-text('people:kassym-jomart-tokayev')")
    page.page.keyboard.press("Escape")
    write(page, STATUS)
    page.page.keyboard.press("Control+Enter")
    link = page.page.locator("#answer tbody a").first.get_attribute("href") or ""
    assert link.endswith(".html?lang=ru&release=current")


def test_without_scripts_the_form_asks_and_the_answer_is_a_page(opened: Open) -> None:
    page = opened(scripts=False)
    page.go("/sparql?lang=kk")
    page.page.fill("#query", STATUS)
    page.page.click("#run")
    page.page.wait_for_selector("main table")
    page.shoot("query-without-scripts")
    assert page.page.locator("main tbody tr").count() > 0
    page.page.go_back()
    page.page.select_option("#example", "what-events-began-and-ended")
    page.page.click("#examples button")
    assert "SELECT" in page.page.input_value("#query")
