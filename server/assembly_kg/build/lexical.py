"""Whether a literal's text is in the lexical space of its datatype.

Owns the lexical spaces of the XML Schema datatypes that RDF data use
(https://www.w3.org/TR/xmlschema11-2/#built-in-primitive-datatypes), with a hint for the author of
a wrong one. Datatypes that are not listed here are not judged. Values are compared in
``assembly_kg.rules``.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rdflib.namespace import RDF, XSD

from assembly_kg.rules import INTEGER_BOUNDS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["fault"]

_ZONE: Final = r"(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
_DAY: Final = r"(?P<date>-?[0-9]{4,}-[0-9]{2}-[0-9]{2})"
_TIME: Final = r"(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?|24:00:00(\.0+)?)"


@dataclass(frozen=True)
class _Space:
    pattern: re.Pattern[str]
    hint: str


def _space(pattern: str, hint: str) -> _Space:
    return _Space(re.compile(pattern), hint)


_INTEGER: Final = _space(r"[+-]?[0-9]+", "write a whole number in digits")
_FLOAT: Final = _space(
    r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?INF|NaN", "write a number like 1.5e3"
)
_SPACES: Final[Mapping[str, _Space]] = {
    "boolean": _space(r"true|false|1|0", "write true or false"),
    "decimal": _space(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", "write a number like 12.5"),
    "float": _FLOAT,
    "double": _FLOAT,
    "date": _space(rf"{_DAY}{_ZONE}?", "write YYYY-MM-DD"),
    "dateTime": _space(rf"{_DAY}T{_TIME}{_ZONE}?", "write YYYY-MM-DDThh:mm:ss"),
    "dateTimeStamp": _space(rf"{_DAY}T{_TIME}{_ZONE}", "write YYYY-MM-DDThh:mm:ssZ"),
    "time": _space(rf"{_TIME}{_ZONE}?", "write hh:mm:ss"),
    "gYear": _space(rf"-?[0-9]{{4,}}{_ZONE}?", "write YYYY"),
    "gYearMonth": _space(rf"-?[0-9]{{4,}}-(0[1-9]|1[0-2]){_ZONE}?", "write YYYY-MM"),
    "gMonthDay": _space(rf"--(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]){_ZONE}?", "write --MM-DD"),
    "gMonth": _space(rf"--(0[1-9]|1[0-2]){_ZONE}?", "write --MM"),
    "gDay": _space(rf"---(0[1-9]|[12][0-9]|3[01]){_ZONE}?", "write ---DD"),
    "duration": _space(
        r"-?P(?=.)([0-9]+Y)?([0-9]+M)?([0-9]+D)?(T(?=.)([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?",
        "write a duration like P1Y2M3D",
    ),
    "anyURI": _space(r"[^\s<>\"{}|\\^`]*", "write an address without spaces"),
    "language": _space(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*", "write a language tag like kk"),
    "hexBinary": _space(r"([0-9a-fA-F]{2})*", "write pairs of hexadecimal digits"),
    "base64Binary": _space(r"[A-Za-z0-9+/= ]*", "write base64"),
}
_LAST_YEAR: Final = 9999


def fault(text: str, datatype: str) -> str | None:
    """What is wrong with a literal and what to write; None if nothing is.

    Args:
        text: the lexical form.
        datatype: the datatype's IRI.
    """
    if datatype == str(RDF.langString) or not datatype.startswith(str(XSD)):
        return None
    name = datatype.removeprefix(str(XSD))
    space = _INTEGER if name in INTEGER_BOUNDS else _SPACES.get(name)
    if space is None:
        return None
    match = space.pattern.fullmatch(text)
    if match is None or not _on_the_calendar(match):
        return f'"{text}" is not an xsd:{name}; {space.hint}'
    low, high = INTEGER_BOUNDS.get(name, (0, 0))
    if space is _INTEGER and not low <= int(text) <= high:
        return f'"{text}" is not an xsd:{name}; write a number from {low:g} to {high:g}'
    return None


def _on_the_calendar(match: re.Match[str]) -> bool:
    """Whether the day of a match exists; years beyond Python's calendar are taken on trust."""
    day = match.groupdict().get("date")
    if day is None:
        return True
    year, month, number = (int(part) for part in day.lstrip("-").split("-"))
    try:
        datetime.date(min(max(year, 1), _LAST_YEAR), month, number)
    except ValueError:
        return False
    return True
