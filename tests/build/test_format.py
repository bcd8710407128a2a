"""The layout of data files: stable, complete, and quiet in a diff."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from assembly_kg.build import format as module
from assembly_kg.build.format import Layout, data_files, format_text
from assembly_kg.cli import main
from assembly_kg.errors import BuildError, InputError
from assembly_kg.namespaces import OA, PREFIXES, RDF, SKOS, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable

RECORD = "https://example.org/ontology#"
DOCUMENT = "https://example.org/source/report"
LAYOUT = Layout(
    prefixes={**PREFIXES, "rec": RECORD, "things": "https://example.org/id/things/"}, record=RECORD
)
TRIG = Path("report.trig")
TURTLE = Path("things.ttl")

SOURCE = """\
# What the report says.

@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix rec: <https://example.org/ontology#> .
@prefix seg: <https://example.org/source/report/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix things: <https://example.org/id/things/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<https://example.org/source/report>
    a rec:SourceDocument ;
    skos:prefLabel "Есеп"@kk ;
    skos:prefLabel "Отчёт"@ru ;
    skos:prefLabel "Report"@en ;
    skos:altLabel "The report"@en ;
    .

# The second sentence comes first by its number.
seg:s9
    a rec:Segment ;
    oa:hasSelector seg:s9-quote ;
    rec:order 1 ;
    .

seg:s9-quote
    a oa:TextQuoteSelector ;
    oa:exact "Бірінші сөйлем."@kk ;
    .

seg:s10
    a rec:Segment ;
    rec:order 2 ;
    .

things:other
    a rec:Thing ;
    .

GRAPH seg:s9 {
    things:assembly
        rec:count 0394 ;
        rec:count 394 ;
        rec:validFrom "1995-03-01"^^xsd:date ;
        .

    # One more.
    things:council
        rec:partOf things:assembly ;
        .
}

GRAPH <https://example.org/source/report/s9/disputed> {
    things:assembly
        rec:count 384 ;
        .
}

# Where the doubt is.
GRAPH seg:s10 {
    things:assembly
        rec:nameText "Two\\nlines" ;
        .

    # nothing more
}

# The end.
"""


def quads(text: str, path: Path = TRIG) -> set[ox.Quad]:
    syntax = ox.RdfFormat.TURTLE if path.suffix == ".ttl" else ox.RdfFormat.TRIG
    return set(ox.parse(text, format=syntax))


def is_only_added_to(old: str, new: str) -> bool:
    """Every old line is still there, in order: the smallest diff has no line with a minus."""
    lines = iter(new.split("\n"))
    return all(line in lines for line in old.split("\n"))


# --- what the layout is -------------------------------------------------------------------------


def test_a_file_in_the_layout_stays_as_it_is_byte_for_byte():
    assert format_text(TRIG, SOURCE, LAYOUT) == SOURCE


def test_any_other_spelling_of_the_same_file_becomes_the_same_bytes():
    spelt = """\
# What the report says.
PREFIX r: <https://example.org/ontology#>
PREFIX q: <https://example.org/source/report/>
PREFIX t: <https://example.org/id/things/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
@prefix unused: <http://nowhere.example/> .
@prefix o: <http://www.w3.org/ns/oa#> .
# Where the doubt is.
q:s10 { t:assembly r:nameText '''Two
lines''' # nothing more
}
<https://example.org/source/report/s9/disputed> { t:assembly r:count 384 }
{ t:other a r:Thing }
GRAPH q:s9 { t:council r:partOf t:assembly. # One more.
t:assembly r:validFrom "1995-03-01"^^<http://www.w3.org/2001/XMLSchema#date>;r:count 0394,394 }
q:s10 r:order 2 ; a r:Segment .
# The second sentence comes first by its number.
q:s9 r:order 1; a r:Segment; o:hasSelector q:s9-quote.
q:s9-quote o:exact "Бірінші сөйлем."@kk; a o:TextQuoteSelector .
<https://example.org/source/report> skos:altLabel "The report"@EN ;
  skos:prefLabel "Report"@en, "Отчёт"@ru , "Есеп"@kk ; a r:SourceDocument .
# The end."""
    result = format_text(TRIG, spelt, LAYOUT)
    moved = "    # nothing more\n"
    assert result.replace(moved, "") == SOURCE.replace(f"\n{moved}", "")
    assert f"{moved}    things:assembly\n        rec:nameText" in result


def test_only_used_prefixes_are_written_a_to_z():
    text = "<https://example.org/id/things/a> a <http://www.w3.org/ns/org#Post> ."
    assert format_text(TURTLE, text, LAYOUT) == (
        "@prefix org: <http://www.w3.org/ns/org#> .\n"
        "@prefix things: <https://example.org/id/things/> .\n"
        "\nthings:a\n    a org:Post ;\n    .\n"
    )


@pytest.mark.parametrize("local", ["a/b", "a#b", "a~b", "-a", "a.", "a%20b", "", "a,b"])
def test_a_local_part_that_would_need_an_escape_is_written_in_full(local: str):
    iri = f"https://example.org/id/things/{local}"
    result = format_text(TURTLE, f"<{iri}> a <{RECORD}Thing> .", LAYOUT)
    assert f"\n<{iri}>\n" in result


@pytest.mark.parametrize("local", ["a.b", "1a", "_a", "a-b", "қала", "a:b"])
def test_a_legal_local_part_is_written_with_its_prefix(local: str):
    text = f"<https://example.org/id/things/{local}> a <{RECORD}Thing> ."
    assert f"\nthings:{local}\n" in format_text(TURTLE, text, LAYOUT)


def test_the_lexical_form_of_a_literal_is_kept():
    values = ["01", "+1", "1.50", "-.5", "true", '"1"^^xsd:boolean', '"x"^^xsd:integer', "1e6"]
    header = f"@prefix xsd: <{XSD}> .\n"
    text = header + "".join(f"<a:b> <a:c> {value} .\n" for value in values)
    result = format_text(TURTLE, text, LAYOUT)
    assert quads(result, TURTLE) == quads(text, TURTLE)
    assert {f"    <a:c> {value} ;" for value in values[:-1]} <= set(result.splitlines())


def test_a_literal_with_line_breaks_of_any_kind_stays_on_one_line():
    text = '<a:b> <a:c> "1\\n2\\r3\\u000B4\\u00855\\u20286\\\\n\\"" .'
    result = format_text(TURTLE, text, LAYOUT)
    assert len(result.splitlines()) == 3
    assert quads(result, TURTLE) == quads(text, TURTLE)


def test_without_a_record_vocabulary_everything_stands_a_to_z():
    result = format_text(TRIG, SOURCE, Layout())
    names = [line for line in result.splitlines() if line.startswith("<")]
    assert names == sorted(names)
    assert quads(result) == quads(SOURCE)


def test_windows_line_ends_and_a_byte_order_mark_go():
    assert format_text(TRIG, "\ufeff" + SOURCE.replace("\n", "\r\n"), LAYOUT) == SOURCE


@pytest.mark.parametrize("text", ["", "# Only a comment.\n", "# One.\n\n# Two.\n"])
def test_a_file_without_a_fact_keeps_its_comments(text: str):
    assert format_text(TURTLE, text, LAYOUT) == text


# --- comments -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("# about a\n<a:a> <a:p> <a:o> .", "# about a\n<a:a>\n    <a:p> <a:o> ;\n    .\n"),
        ("# head\n\n# a\n<a:a> <a:p> <a:o> .", "# head\n\n# a\n<a:a>\n    <a:p> <a:o> ;\n    .\n"),
        ("<a:a> <a:p> <a:o> . # why", "# why\n<a:a>\n    <a:p> <a:o> ;\n    .\n"),
        ("<a:a> # why\n <a:p> <a:o> .", "# why\n<a:a>\n    <a:p> <a:o> ;\n    .\n"),
        ("<a:a> <a:p> '# no' . ", '<a:a>\n    <a:p> "# no" ;\n    .\n'),
        ("<a:a> <a:p> <b:#o> .#c", "#c\n<a:a>\n    <a:p> <b:#o> ;\n    .\n"),
        (
            "# b\n<a:b> <a:p> 1 .\n# a\n<a:a> <a:p> 1.",
            "# a\n<a:a>\n    <a:p> 1 ;\n    .\n\n# b\n<a:b>\n    <a:p> 1 ;\n    .\n",
        ),
        (
            "# part\n\n# b\n<a:b> <a:p> 1 .\n<a:a> <a:p> 1 .",
            "# part\n\n<a:a>\n    <a:p> 1 ;\n    .\n\n# b\n<a:b>\n    <a:p> 1 ;\n    .\n",
        ),
    ],
)
def test_a_comment_goes_with_its_block(text: str, result: str):
    assert format_text(TURTLE, text, LAYOUT) == result
    assert format_text(TURTLE, result, LAYOUT) == result


def test_a_comment_behind_any_line_survives():
    lines = [line for line in SOURCE.split("\n") if not line.strip().startswith("#")]
    text = "\n".join(f"{line} # note {at}" for at, line in enumerate(lines))
    result = format_text(TRIG, text, LAYOUT)
    notes = [line.strip() for line in result.split("\n") if line.strip().startswith("#")]
    assert sorted(notes) == sorted(f"# note {at}" for at, _ in enumerate(lines))
    assert format_text(TRIG, result, LAYOUT) == result


def test_the_comment_of_an_empty_graph_is_not_lost():
    result = format_text(TRIG, "# why\n<a:g> { # nothing\n }\n# end", LAYOUT)
    assert result == "# why\n# nothing\n\n# end\n"
    assert format_text(TRIG, result, LAYOUT) == result


# --- faults -------------------------------------------------------------------------------------


def test_a_syntax_fault_is_reported_with_file_line_and_column():
    with pytest.raises(
        InputError, match=r"^report\.trig:2:\d+: The prefix b: has not been declared$"
    ):
        format_text(TRIG, "<a:a> <a:b> <a:c> .\n<a:a> b:c <a:d> .", LAYOUT)


@pytest.mark.parametrize("term", ["_:x", "[]", "[ <a:p> 1 ]", "(1)"])
def test_a_blank_node_is_refused_with_its_line(term: str):
    with pytest.raises(InputError, match=r"^things\.ttl:2: a blank node has no name"):
        format_text(TURTLE, f"<a:a> <a:b>\n {term} .", LAYOUT)


def test_a_triple_term_is_refused():
    with pytest.raises(InputError, match=r"RDF 1\.2"):
        format_text(TURTLE, "<a:a> <a:b> <<( <a:a> <a:b> <a:c> )>> .", LAYOUT)


def test_another_kind_of_file_is_refused():
    with pytest.raises(InputError, match=r"x\.csv: is neither \.ttl nor \.trig"):
        format_text(Path("x.csv"), "", LAYOUT)


def test_a_lost_quad_is_found_before_anything_is_written(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module._Writer, "text", lambda _: "<a:a> <a:b> 1 .")
    with pytest.raises(BuildError, match=r"would lose or add .*the file is left as it was"):
        format_text(TURTLE, "<a:a> <a:b> 1, 2 .", LAYOUT)


def test_a_lost_comment_is_found_before_anything_is_written(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module._Writer, "text", lambda _: "<a:a> <a:b> 1 .")
    with pytest.raises(BuildError, match="would lose or add comments"):
        format_text(TURTLE, "# why\n<a:a> <a:b> 1 .", LAYOUT)


# --- for any graph ------------------------------------------------------------------------------

_LOCALS = st.text(st.sampled_from("abcXYZ019-._:/~%қ"), max_size=4)
_SPACES = st.sampled_from(["https://example.org/id/things/", RECORD, f"{DOCUMENT}/", "urn:x:"])
_SYMBOLS = st.characters(exclude_categories=["Cs"])


def _iri(parts: tuple[str, str]) -> ox.NamedNode:
    return ox.NamedNode("".join(parts).replace("%", "%41"))


_IRIS = st.tuples(_SPACES, _LOCALS).map(_iri)
_TEXTS = st.text(_SYMBOLS, max_size=6)
_PREDICATES = st.one_of(
    _IRIS,
    st.sampled_from([ox.NamedNode(str(i)) for i in (RDF.type, SKOS.prefLabel, SKOS.altLabel)]),
)
_LITERALS = st.one_of(
    _TEXTS.map(ox.Literal),
    st.tuples(_TEXTS, st.sampled_from(["kk", "ru", "en", "kk-latn", "de"])).map(
        lambda pair: ox.Literal(pair[0], language=pair[1])
    ),
    st.tuples(
        st.one_of(_TEXTS, st.from_regex(r"[+-]?[0-9]*\.?[0-9]+", fullmatch=True)),
        st.sampled_from(
            [ox.NamedNode(str(XSD[n])) for n in ("date", "integer", "decimal", "boolean")]
        ),
    ).map(lambda pair: ox.Literal(pair[0], datatype=pair[1])),
)
_GRAPHS = st.one_of(
    st.just(ox.DefaultGraph()),
    st.sampled_from([ox.NamedNode(f"{DOCUMENT}/{n}") for n in ("s9", "s10", "s9/disputed", "s7")]),
    _IRIS,
)
_QUADS = st.builds(ox.Quad, _IRIS, _PREDICATES, st.one_of(_IRIS, _LITERALS), _GRAPHS)
_FRAME = [
    ox.Quad(*map(ox.NamedNode, triple))
    for triple in [
        (DOCUMENT, str(RDF.type), f"{RECORD}SourceDocument"),
        (f"{DOCUMENT}/s9", str(RDF.type), f"{RECORD}Segment"),
        (f"{DOCUMENT}/s10", str(RDF.type), f"{RECORD}Segment"),
        (f"{DOCUMENT}/s9", str(OA.hasSelector), f"{DOCUMENT}/s9-quote"),
    ]
]


def spelt(facts: Iterable[ox.Quad]) -> str:
    return ox.serialize(facts, format=ox.RdfFormat.TRIG).decode()


@given(st.lists(_QUADS, max_size=12), st.booleans())
def test_any_dataset_is_kept_whole_and_the_layout_is_stable(facts: list[ox.Quad], framed: bool):
    facts = [*facts, *(_FRAME if framed else [])]
    result = format_text(TRIG, spelt(facts), LAYOUT)
    assert quads(result) == set(facts)
    assert format_text(TRIG, result, LAYOUT) == result
    assert format_text(TRIG, spelt(reversed(facts)), LAYOUT) == result


@given(st.lists(_QUADS, max_size=12), _QUADS)
def test_any_new_fact_only_adds_lines(facts: list[ox.Quad], fact: ox.Quad):
    facts = [*facts, *_FRAME]
    old = format_text(TRIG, spelt(facts), LAYOUT)
    new = format_text(TRIG, spelt([*facts, fact]), LAYOUT)
    assert is_only_added_to(old, new)


def strewn(text: str) -> list[str]:
    return sorted(line.strip() for line in text.split("\n") if line.strip().startswith("#"))


@given(st.sets(st.integers(0, SOURCE.count("\n")), max_size=8))
def test_comments_strewn_over_a_file_survive(places: set[int]):
    lines = SOURCE.split("\n")
    for at in places:
        lines[at] = f"# strewn {at}\n{lines[at]}"
    text = "\n".join(lines)
    result = format_text(TRIG, text, LAYOUT)
    assert strewn(result) == strewn(text)
    assert format_text(TRIG, result, LAYOUT) == result


@pytest.mark.parametrize(
    "fact",
    [
        f"<{DOCUMENT}/s9> {{ things:council rec:partOf things:other }}",
        f"<{DOCUMENT}/s9> {{ things:council a rec:Organ }}",
        f"<{DOCUMENT}/s9> {{ things:b a rec:Organ }}",
        f"<{DOCUMENT}/s9> {{ things:council skos:prefLabel 'x'@ru }}",
        f"<{DOCUMENT}/s8> {{ things:council a <http://www.w3.org/ns/org#Organization> }}",
        f"<{DOCUMENT}/s10/disputed> {{ things:council a rec:Organ }}",
        f"<{DOCUMENT}> skos:prefLabel 'Тағы'@kk .",
        "things:a a rec:Organ .",
        "things:z a rec:Organ .",
    ],
)
def test_a_new_object_predicate_subject_or_graph_only_adds_lines(fact: str):
    new = format_text(TRIG, SOURCE.replace("\n# The end.", f"{fact}\n# The end."), LAYOUT)
    assert len(quads(new)) == len(quads(SOURCE)) + 1
    assert is_only_added_to(SOURCE, new)


# --- the command --------------------------------------------------------------------------------

HEADER = """\
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix vann: <http://purl.org/vocab/vann/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<https://example.org/ontology> a owl:Ontology ;
    vann:preferredNamespaceUri "https://example.org/ontology#" ;
    sh:declare [ sh:prefix "rec" ; sh:namespace "https://example.org/ontology#"^^xsd:anyURI ] ,
        [ sh:prefix "things" ; sh:namespace "https://example.org/id/things/"^^xsd:anyURI ] .
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("ontology", "data/sources", "data/entities"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "ontology/header.ttl").write_text(HEADER, encoding="utf-8")
    (tmp_path / "data/sources/report.trig").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "data/entities/things.ttl").write_text(
        "<https://example.org/id/things/b> a <https://example.org/ontology#Thing> .",
        encoding="utf-8",
    )
    return tmp_path


def run(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["format", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def test_the_layout_is_read_from_the_ontology_header(root: Path):
    assert Layout.read(root) == LAYOUT


def test_check_names_the_files_that_differ_and_changes_nothing(root: Path):
    before = {path: path.read_bytes() for path in data_files(root)}
    code, out, err = run("--root", root, "--check")
    assert code == 1
    assert "things.ttl" in out
    assert "+things:b" in out
    assert "report.trig" not in out
    assert err == "1 of 2 files would be rewritten\n"
    assert {path: path.read_bytes() for path in data_files(root)} == before


def test_format_rewrites_what_differs_and_then_nothing(root: Path):
    path = root / "data/entities/things.ttl"
    path.chmod(0o640)
    assert run("--root", root)[0] == 0
    assert "\nthings:b\n    a rec:Thing ;\n    .\n" in path.read_text(encoding="utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert run("--root", root) == (0, "", "0 of 2 files rewritten\n")
    assert run("--root", root, "--check")[0] == 0


def test_only_the_named_files_are_touched(root: Path):
    (root / "data/entities/broken.ttl").write_text("this is not Turtle", encoding="utf-8")
    assert run("--root", root, root / "data/entities/things.ttl")[0] == 0


def test_one_broken_file_leaves_every_file_as_it_was(root: Path):
    broken = root / "data/sources/zzz.trig"
    broken.write_bytes("# дерек\n<a:b> <a:c>\n".encode("cp1251"))
    before = {path: path.read_bytes() for path in data_files(root)}
    code, _, err = run("--root", root)
    assert code == 2
    assert f"{broken}:1: is not UTF-8" in err
    broken.write_text("\n<a:b> <a:c>\n", encoding="utf-8")
    before[broken] = broken.read_bytes()
    code, _, err = run("--root", root)
    assert code == 2
    assert f"{broken}:" in err
    assert {path: path.read_bytes() for path in data_files(root)} == before


def test_a_full_disk_leaves_the_old_file(root: Path, monkeypatch: pytest.MonkeyPatch):
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    path = root / "data/entities/things.ttl"
    before = path.read_bytes()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        module.replace(path, "new")
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == ["things.ttl"]  # noqa: PTH208
