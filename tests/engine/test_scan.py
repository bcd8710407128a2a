"""What can be told from a query's text before it is parsed."""

import pytest

from assembly_kg.engine.scan import outline, place, tokens
from assembly_kg.errors import QuerySyntaxError


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * {}", "SELECT"),
        ("  # a comment\n ask {}", "ASK"),
        ("BASE <http://a/> PREFIX x: <b> CONSTRUCT {} WHERE {}", "CONSTRUCT"),
        ("PREFIX : <http://a/>\nPREFIX қала: <http://b/>\ndescribe :x", "DESCRIBE"),
        ('VERSION "1.2" SELECT * {}', "SELECT"),
        ("PREFIX a: <http://select/#ask> # select\nASK {}", "ASK"),
        ("INSERT DATA { <a:a> <a:b> 1 }", "INSERT"),
        ("PREFIX a: <http://a/> DROP ALL", "DROP"),
        ("", ""),
        ("42", ""),
    ],
)
def test_the_form_is_the_keyword_after_the_prologue(text: str, form: str) -> None:
    assert outline(text).form == form


def test_from_clauses_are_resolved_against_prefixes_and_base() -> None:
    found = outline(
        "BASE <http://e.org/x/> PREFIX g: <http://g/> SELECT * FROM g:one\\-a FROM NAMED <two> "
        "FROM <http://h/> FROM <http://h/> WHERE { ?s ?p 'FROM <http://no/>' }"
    )
    assert found.default_graphs == ("http://g/one-a", "http://h/")
    assert found.named_graphs == ("http://e.org/x/two",)


def test_from_after_a_construct_template_is_found() -> None:
    found = outline("CONSTRUCT { ?s ?p ?o } FROM <http://g/> WHERE { ?s ?p ?o }")
    assert found.default_graphs == ("http://g/",)
    assert outline("DESCRIBE <a:x> FROM <http://g/>").default_graphs == ("http://g/",)


def test_an_undeclared_prefix_in_a_dataset_clause_is_placed() -> None:
    with pytest.raises(QuerySyntaxError, match="line 2, column 6") as fault:
        outline("SELECT *\nFROM g:x {}")
    assert (fault.value.line, fault.value.column) == (2, 6)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://x/> {} }",
        "SELECT * {service silent ?x {}}",
        "SELECT * { { ?s ?p 'SERVICE' } # SERVICE\n SERVICE<http://x/>{} }",
    ],
)
def test_service_is_found_once(text: str) -> None:
    assert len(outline(text).services) == 1


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s <http://e.org/SERVICE> 'SERVICE <http://x/> {}' } # SERVICE",
        "SELECT ?SERVICE { ?SERVICE a <http://e.org/service> }",
        'SELECT * { ?s ?p """a "quoted" SERVICE""" }',
    ],
)
def test_the_word_service_in_strings_names_and_comments_is_not_a_service(text: str) -> None:
    assert outline(text).services == ()


@pytest.mark.parametrize("call", ["NOW()", "rand()", "UUID()", "STRUUID()", "BNODE()"])
def test_calls_that_change_from_run_to_run_make_an_answer_volatile(call: str) -> None:
    assert outline(f"SELECT ({call} AS ?x) {{}}").volatile
    assert not outline(f"SELECT * {{ ?s ?p '{call}' }}").volatile


@pytest.mark.parametrize("opening", ["{", "(", "[", "!"])
def test_depth_counts_every_kind_of_bracket(opening: str) -> None:
    assert outline("ASK {" + opening * 500).depth >= 500


def test_many_brackets_side_by_side_are_not_deep() -> None:
    assert outline("SELECT * { VALUES (?x) {" + "(1)" * 5000 + "} }").depth <= 4


def test_brackets_in_strings_are_not_depth() -> None:
    assert outline("SELECT * { ?s ?p '" + "{" * 500 + "' }").depth == 1


def test_tokens_of_every_kind_are_told_apart() -> None:
    kinds = [t.kind for t in tokens("a <b> \"c\"@kk ?д _:e ex:f\\,g 1.5e3 'h''' ^^ && .")]
    assert kinds == [
        *("word", "iri", "string", "language", "variable", "blank", "name", "number"),
        *("string", "string", "mark", "mark", "mark", "mark", "mark"),
    ]


def test_a_place_counts_characters_from_one() -> None:
    assert place("әә\nбв", 0) == (1, 1)
    assert place("әә\nбв", 4) == (2, 2)


@pytest.mark.parametrize(
    "text",
    [
        "PREFIX ex: <http://e.org/> CONSTRUCT WHERE { ?s ex:from ?from }",
        "PREFIX ex: <http://e.org/>\n# PREFIX no: <http://no/>\nDESCRIBE ex:service",
        "BASE <http://e.org/x/> PREFIX ex: <../> DESCRIBE ex:a",
        "BASE <http://e.org/x/> PREFIX ex: <http://e.org/> DESCRIBE ex:a FROM <g>",
    ],
)
def test_the_short_way_to_an_outline_leads_where_the_long_one_does(text: str) -> None:
    assert outline(text).prefixes == outline(text + " # FROM").prefixes == {"ex": "http://e.org/"}
