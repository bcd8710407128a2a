"""Where in a document a sentence stands, in the reader's words.

Owns the reading of locators. They are short English phrases. What the data translate themselves
(``locatorTranslation`` of a segment) is said so; else a locator of fixed parts ("art. 7-2,
heading", "Regulations, item 9(2)") of which every part is known is said from the catalogue; any
other is shown as it is written. Numbers in brackets stay as they are: whether they count points or
subpoints the locator does not say. The name of a column or of a record of a data set is the same in
every language.
"""

from __future__ import annotations

import re
from typing import Final

from assembly_kg.web.languages import N_, gettext

__all__ = ["translated_locator"]

_NUMBER: Final = r"(?P<n>[0-9]+(?:-[0-9]+)*|[IVXLC]+)"
_REST: Final = r"(?P<rest>(?:\([0-9–-]+\)|[0-9]+\))*)"
_PATTERNS: Final = tuple(
    (re.compile(pattern), message)
    for pattern, message in (
        (rf"art\. {_NUMBER}{_REST}", N_("art. %(n)s%(rest)s")),
        (r"arts (?P<n>[0-9]+[–-][0-9]+)", N_("arts %(n)s")),
        (r"p\. (?P<n>[0-9]+)", N_("p. %(n)s")),
        (r"P(?P<p>[0-9]+)\.S(?P<s>[0-9]+)", N_("paragraph %(p)s, sentence %(s)s")),
        (r"decree of (?P<year>[0-9]{4})", N_("decree of %(year)s")),
        (r"session of (?P<year>[0-9]{4})", N_("session of %(year)s")),
        (rf"item {_NUMBER}{_REST}", N_("item %(n)s%(rest)s")),
        (rf"indent {_NUMBER}", N_("indent %(n)s")),
        (rf"section {_NUMBER}", N_("section %(n)s")),
        (rf"session {_NUMBER}", N_("session %(n)s")),
        (r"row (?P<n>[A-Z]{2}-[0-9A-Z]+)", N_("row %(n)s")),
    )
)
_CODE: Final = re.compile(r"Q[0-9]+|[a-z]+(?:_[A-Za-z-]+)+|[A-Z]+[0-9][A-Za-z]+")
_NOTE: Final = re.compile(r"note to (?P<what>.+)")
_WORDS: Final = frozenset(
    (
        N_("Regulations"),
        N_("annex"),
        N_("decree"),
        N_("heading"),
        N_("title"),
        N_("preamble"),
        N_("signature"),
        N_("register entry"),
        N_("Russian text"),
        N_("first sentence"),
        N_("second sentence"),
        N_("third sentence"),
        N_("fourth sentence"),
        N_("fifth sentence"),
        N_("sixth sentence"),
        N_("next sentence"),
        N_("first item"),
        N_("second item"),
        N_("third item"),
        N_("fourth item"),
        N_("fifth item"),
        N_("note"),
        N_("beginning"),
        N_("end"),
        N_("structure"),
        N_("amendments"),
        N_("last sentence"),
        N_("first paragraph"),
        N_("second paragraph"),
        N_("third paragraph"),
        N_("fourth paragraph"),
        N_("last paragraph"),
    )
)


def translated_locator(locator: str) -> str:
    """A locator in the language of the request; empty if a part of it is not known."""
    parts = [_part(part) for part in locator.split(", ")]
    return ", ".join(parts) if all(parts) else ""


def _part(part: str) -> str:
    if _CODE.fullmatch(part):
        return part
    if part in _WORDS:
        return gettext(part)
    note = _NOTE.fullmatch(part)
    if note:
        what = _part(note["what"])
        return gettext("note to %(what)s", what=what) if what else ""
    for pattern, message in _PATTERNS:
        found = pattern.fullmatch(part)
        if found:
            return gettext(message, **found.groupdict())
    return ""
