"""Finding the line of a term."""

import pyoxigraph as ox
from rdflib.namespace import XSD

from assembly_kg.build.places import (
    line_of_blank_node,
    line_of_graph,
    line_of_iri,
    line_of_literal,
)

TEXT = '''@prefix x: <https://x.example/> .
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
# A comment with "1"^^xsd:date, [ and <https://x.example/g> { in it.
x:a x:says "a \\"1\\" and [ _:b", """two
lines # no comment""" ;
  x:day "1"^^xsd:date , 1 , "1"@kk .
GRAPH x:g { x:b x:p ( x:c ) }
<https://x.example/h/disputed> { x:d x:p x:e }
x:f\\/g { x:d x:p x:h. }
'''


def test_a_typed_literal_is_found_where_it_stands_not_where_it_is_mentioned() -> None:
    day = ox.Literal("1", datatype=ox.NamedNode(str(XSD.date)))
    assert line_of_literal(TEXT, day) == 6


def test_a_number_without_quotes_is_found() -> None:
    number = ox.Literal("1", datatype=ox.NamedNode(str(XSD.integer)))
    assert line_of_literal(TEXT, number) == 6


def test_a_long_string_is_found_where_it_begins() -> None:
    assert line_of_literal(TEXT, ox.Literal("two\nlines # no comment")) == 4


def test_a_literal_that_is_not_there_has_no_line() -> None:
    assert line_of_literal(TEXT, ox.Literal("1")) is None


def test_the_first_blank_node_is_the_list_not_a_bracket_in_a_string_or_comment() -> None:
    assert line_of_blank_node(TEXT) == 7


def test_a_text_without_blank_nodes_has_none() -> None:
    assert line_of_blank_node('<x:a> <x:b> "[ _:c (" . # [') is None


def test_a_graph_is_found_under_a_prefixed_name_a_full_one_and_an_escaped_one() -> None:
    assert line_of_graph(TEXT, "https://x.example/g") == 7
    assert line_of_graph(TEXT, "https://x.example/h/disputed") == 8
    assert line_of_graph(TEXT, "https://x.example/f/g") == 9


def test_an_iri_is_found_at_the_end_of_a_statement_too() -> None:
    assert line_of_iri(TEXT, "https://x.example/h") == 9
    assert line_of_iri(TEXT, "https://x.example/b") == 7
    assert line_of_iri(TEXT, "https://x.example/nowhere") is None
