"""The ontology has none of the common pitfalls of the OOPS! catalogue that a query can find.

The catalogue: https://oops.linkeddata.es/catalogue.jsp. pitfalls/<number>.rq finds the terms that
fall into a pitfall (rows are defects); its first line gives the importance and the title.
pitfalls/<number>.ttl falls into it and says on its first line which terms have to be found.
Left out are the pitfalls that need a reader's judgement (P01, P09, P14 to P18) or the network
(P37).
"""

import re
from pathlib import Path

import pyoxigraph
import pytest
from pyoxigraph import NamedNode, RdfFormat, Store

PITFALLS = sorted((Path(__file__).parent / "pitfalls").glob("P*.rq"))
ACCEPTED = {
    "P13": "SPARQL reads a property backwards with ^; only useful inverses have a name.",
}


def importance(pitfall: Path) -> str:
    heading = re.match(r"# (P\d\d) (critical|important|minor): .+\.\n", pitfall.read_text("utf-8"))
    assert heading, f"{pitfall.name}: the first line is not '# Pnn importance: title.'"
    assert heading[1] == pitfall.stem
    return heading[2]


def store(files: list[Path]) -> Store:
    """Each file in a named graph of its name, and all of them in the default graph."""
    store = Store()
    for path in files:
        store.load(path=path, format=RdfFormat.TURTLE, to_graph=NamedNode(path.as_uri()))
        store.load(path=path, format=RdfFormat.TURTLE)
    return store


def found(store: Store, pitfall: Path) -> list[str]:
    return sorted(str(row["term"]) for row in store.query(pitfall.read_text("utf-8")))


@pytest.fixture(scope="module")
def published(root: Path) -> Store:
    return store(sorted((root / "ontology").rglob("*.ttl")))


@pytest.mark.parametrize("pitfall", PITFALLS, ids=lambda path: path.stem)
def test_the_ontology_does_not_fall_into(pitfall: Path, published: Store) -> None:
    terms = found(published, pitfall)
    if pitfall.stem in ACCEPTED:
        assert importance(pitfall) == "minor"
        assert terms, f"{pitfall.stem} need no longer be accepted"
    else:
        assert terms == [], pitfall.read_text("utf-8").partition("\n")[0]


@pytest.mark.parametrize("pitfall", PITFALLS, ids=lambda path: path.stem)
def test_a_bad_ontology_is_found_out_for(pitfall: Path) -> None:
    bad = pitfall.with_suffix(".ttl")
    text = bad.read_text("utf-8")
    finds = re.match(r"# finds: (.+)\n", text)
    assert finds, f"{bad.name}: the first line is not '# finds: terms'"
    prefixes = dict(re.findall(r"@prefix (\w+): <(.+)> \.", text))
    expected = [
        term if term[0] == "<" else f"<{prefixes[term.split(':')[0]]}{term.split(':')[1]}>"
        for term in finds[1].split()
    ]
    assert found(store([bad]), pitfall) == sorted(expected)


def test_every_bad_ontology_belongs_to_a_query_and_is_turtle() -> None:
    bad = sorted((Path(__file__).parent / "pitfalls").glob("*.ttl"))
    assert [path.stem for path in bad] == [path.stem for path in PITFALLS]
    for path in bad:
        assert list(pyoxigraph.parse(path=path, format=RdfFormat.TURTLE))
