"""Lexical spaces of XML Schema datatypes."""

import pytest
from rdflib.namespace import RDF, XSD

from assembly_kg.build.lexical import fault

GOOD = {
    XSD.boolean: ["true", "0"],
    XSD.date: ["2016-10-05", "2016-02-29", "2016-10-05Z", "2016-10-05+05:00", "-0044-03-15"],
    XSD.dateTime: ["2016-10-05T24:00:00", "2016-10-05T01:02:03.5+06:00"],
    XSD.decimal: ["1", "-1.50", ".5"],
    XSD.double: ["1e9", "INF", "NaN"],
    XSD.duration: ["P1Y", "PT0.5S", "-P1DT2H"],
    XSD.gMonthDay: ["--02-29"],
    XSD.gYear: ["1992"],
    XSD.gYearMonth: ["2007-05"],
    XSD.integer: ["01", "-5", "+7"],
    XSD.language: ["kk", "zh-Hans"],
    XSD.anyURI: ["https://example.org/a?b=c#d"],
    XSD.byte: ["-128"],
    XSD.string: ["anything"],
    RDF.langString: ["anything"],
    "https://example.org/own-datatype": ["anything"],
}
BAD = {
    XSD.boolean: ["TRUE", ""],
    XSD.date: ["05/10/2016", "2016-10-5", "2015-02-29", "2016-13-01", "2016-10-05T00:00:00"],
    XSD.dateTime: ["2016-10-05", "2016-10-05T25:00:00"],
    XSD.decimal: ["1e3", "1,5"],
    XSD.duration: ["P", "1Y", "PT"],
    XSD.gYear: ["92"],
    XSD.integer: ["1.0", "", "one"],
    XSD.nonNegativeInteger: ["-1"],
    XSD.positiveInteger: ["0"],
    XSD.byte: ["128"],
    XSD.anyURI: ["https://example.org/a b"],
}


@pytest.mark.parametrize(("datatype", "text"), [(d, t) for d, ts in GOOD.items() for t in ts])
def test_a_text_in_the_lexical_space_has_no_fault(datatype: str, text: str) -> None:
    assert fault(text, str(datatype)) is None


@pytest.mark.parametrize(("datatype", "text"), [(d, t) for d, ts in BAD.items() for t in ts])
def test_a_text_outside_of_it_is_told_with_what_to_write(datatype: str, text: str) -> None:
    said = fault(text, str(datatype))
    assert said is not None
    assert said.startswith(f'"{text}" is not an xsd:{datatype.rsplit("#", 1)[1]}; write ')


def test_a_wrong_day_is_answered_with_the_form_of_a_day() -> None:
    assert fault("05/10/2016", str(XSD.date)) == '"05/10/2016" is not an xsd:date; write YYYY-MM-DD'
