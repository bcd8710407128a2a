"""How the graph is shown to one reader: names, links, values, days and periods.

Owns the step from IRIs and literals to HTML in the reader's language, and the addresses of pages.
A label in another language than the page's is marked; a thing without any is shown by its short
name. Templates get one ``View`` for each request.
"""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from flask import current_app, g, request
from flask_babel import format_date, format_decimal
from markupsafe import Markup, escape

from assembly_kg.engine.description import notes
from assembly_kg.engine.search import roman
from assembly_kg.engine.vocabulary import vocabulary
from assembly_kg.namespaces import PREFIXES, XSD
from assembly_kg.web.languages import FALLBACK, LANGUAGES, PARAMETER, Text, choose, gettext, pick
from assembly_kg.web.locators import translated_locator
from assembly_kg.web.wording import standard_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from assembly_kg.engine.description import Fact, Note, Period
    from assembly_kg.engine.repository import Repository, Term

__all__ = ["View", "by_number", "view"]

_SAFE: Final = "/:;,@!$&'()*+=~-._"
_NUMBERS: Final = frozenset(
    map(str, (XSD.integer, XSD.decimal, XSD.double, XSD.float, XSD.nonNegativeInteger))
)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBERING: Final = re.compile(r"([0-9]+(?:-[0-9]+)*)")
_LOCAL: Final = re.compile(r"[#/]([^#/]+)$")


def view() -> View:
    """The view of this request."""
    if "view" not in g:
        g.view = View(current_app.extensions["assembly_kg.repository"], choose())
    found: View = g.view
    return found


class View:
    """One reader's view of the graph.

    Args:
        repository: the graph.
        language: the reader's.
    """

    def __init__(self, repository: Repository, language: str) -> None:
        self.repository = repository
        self.language = language
        self.as_of = ""
        self._days: dict[str, str] = {}
        self._labels: dict[str, Mapping[str, str]] = {}
        self._sentences: dict[str, Note] = {}

    # Names

    def prime(self, iris: Iterable[str]) -> None:
        """Look up the labels of many things at once; a sentence is named by its place."""
        found = self.repository.labels(iris)
        self._labels.update(found)
        base = self.repository.catalogue.base
        nameless = [iri for iri, texts in found.items() if not texts and iri.startswith(base)]
        told = notes(self.repository, nameless) if base and nameless else {}
        self._sentences.update(told)
        self._labels.update(self.repository.labels(note.document for note in told.values()))

    def labels(self, iri: str) -> Mapping[str, str]:
        """All labels of a thing."""
        if iri not in self._labels:
            self._labels[iri] = self.repository.label(iri)
        return self._labels[iri]

    def text(self, texts: Mapping[str, str]) -> Text:
        """The text for this reader; empty if there is none."""
        return pick(texts, self.language) or Text("", "", fallback=False)

    def name(self, iri: str) -> Text:
        """What a thing is called."""
        own = standard_words(iri)
        if own:
            return Text(own, self.language, fallback=False)
        note = self._sentences.get(iri)
        if note is not None and note.locator:
            document = self.name(note.document)
            place = self._place(note.locator) or note.locator
            return replace(document, value=f"{document.value}, {place}")
        return pick(self.labels(iri), self.language) or Text(self.short(iri), "", fallback=False)

    def short(self, iri: str) -> str:
        """An IRI with a prefix, or the end of it."""
        for prefix, namespace in {**self.repository.catalogue.prefixes, **PREFIXES}.items():
            if iri.startswith(namespace) and len(iri) > len(namespace):
                return f"{prefix}:{iri.removeprefix(namespace)}"
        base = self.repository.catalogue.base
        if base and iri.startswith(base) and len(iri) > len(base):
            return iri.removeprefix(base)
        return iri

    # Addresses

    def url(self, path: str, **parameters: str) -> str:
        """A page's address that keeps the language and the day that the reader chose."""
        kept = {}
        path, _, fragment = path.partition("#")
        if PARAMETER in request.args:
            kept[PARAMETER] = self.language
        if request.args.get("release"):
            kept["release"] = request.args["release"]
        if self.as_of:
            kept["as-of"] = self.as_of
        wanted = {name.replace("_", "-"): value for name, value in parameters.items()}
        given = {name: value for name, value in {**kept, **wanted}.items() if value}
        return (
            path
            + (("&" if "?" in path else "?") + urlencode(given) if given else "")
            + (f"#{fragment}" if fragment else "")
        )

    def local(self, iri: str) -> str:
        """The path on this site of the page about a thing."""
        base = self.repository.catalogue.base
        if base and iri.startswith(base) and len(iri) > len(base):
            path, _, fragment = iri.removeprefix(base).partition("#")
            return "/" + quote(path, safe=_SAFE) + (f"#{quote(fragment)}" if fragment else "")
        return "/resource?iri=" + quote(iri, safe="")

    def href(self, iri: str) -> str:
        """The address of the page about a thing; a page is named, so that no redirect is needed."""
        path = self.local(iri)
        if path.startswith("/resource?"):
            return self.url(path)
        path, _, fragment = path.partition("#")
        return self.url(f"{path}.html" + (f"#{fragment}" if fragment else ""))

    def in_form(self, iri: str, form: str) -> str:
        """The address of the document about a thing in a form: data or citation."""
        path = self.local(iri)
        if "?" in path or "#" in path:  # the name lies elsewhere, or is a place in a document
            return self.url("/resource?iri=" + quote(iri, safe=""), format=form)
        return self.url(f"{path}.{form}")

    def here(self, **changes: str) -> str:
        """This page's address with some parameters changed; an empty one goes."""
        kept = {name: value for name, value in request.args.items() if value}
        kept |= {name.replace("_", "-"): value for name, value in changes.items()}
        given = {name: value for name, value in kept.items() if value}
        return quote(request.path, safe=_SAFE) + ("?" + urlencode(given) if given else "")

    def alternates(self) -> dict[str, str]:
        """This page in each language: absolute addresses, for ``hreflang``."""
        return {code: self.absolute(self.here(lang=code)) for code in LANGUAGES}

    def absolute(self, path: str) -> str:
        """A path with the site's public address in front."""
        settings = current_app.extensions["assembly_kg.settings"]
        return (settings.base_url or request.host_url).rstrip("/") + path

    # HTML

    def link(self, iri: str) -> Markup:
        """A thing's name as a link to its page."""
        return Markup('<a href="{}">{}</a>').format(self.href(iri), self.words(self.name(iri)))

    def words(self, text: Text) -> Markup:
        """A text; marked if it is not in the page's language."""
        if not text.fallback:
            return escape(text.value)
        return Markup('<span lang="{0}">{1}</span>{2}').format(
            text.language, text.value, self.mark(text.language)
        )

    def mark(self, language: str) -> Markup:
        """The sign of a text in another language than the page's."""
        said = gettext("in another language: %(name)s", name=LANGUAGES.get(language, language))
        return Markup(' <span class="other-language" title="{0}">{1}</span>').format(said, language)

    def value(self, term: Term) -> Markup:
        """A value: a link, or a text, number or day as this reader writes it."""
        if term.is_iri:
            return self.link(term.value)
        if term.language:
            return Markup('<span lang="{0}">{1}</span>{2}').format(
                term.language,
                term.value,
                self.mark(term.language) if term.language != self.language else "",
            )
        return self._typed(term)

    def locator(self, locator: str) -> Markup:
        """Where a sentence stands: in the reader's words, or as it is written, in English."""
        said = self._place(locator)
        if said or self.language == "en":
            return escape(said or locator)
        return Markup('<span lang="en">{0}</span>').format(locator)

    def _place(self, locator: str) -> str:
        own = self.repository.kept("locators", self._own_places).get(locator, {})
        return own.get(self.language) or translated_locator(locator)

    def _own_places(self) -> dict[str, dict[str, str]]:
        """Locators that the data themselves say in other languages."""
        record = vocabulary(self.repository).record
        found: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for row in self.repository.select(f"""
SELECT DISTINCT ?locator ?said {{
  ?segment {record.ref("locatorTranslation")} ?said ; {record.ref("locator")} ?locator }}"""):
            found[row["locator"].value][row["said"].language] = row["said"].value
        return dict(found)

    def fact(self, fact: Fact) -> Markup:
        """A fact's value; an identifier leads to the database that it is one of."""
        known = vocabulary(self.repository)
        if fact.property == known.record.locator:
            return self.locator(fact.value.value)
        template = known.templates.get(fact.property)
        if template is None or not fact.value.is_literal:
            return self.value(fact.value)
        address = template.replace("{id}", quote(fact.value.value, safe=""))
        link = Markup('<a class="out" rel="external" href="{0}">{1}</a>')
        return link.format(address, fact.value.value)

    def _typed(self, term: Term) -> Markup:
        if term.datatype == str(XSD.date):
            return self.day(term.value)
        if term.datatype in _NUMBERS:
            shown = Markup('<data value="{0}">{1}</data>')
            return shown.format(term.value, format_decimal(term.value))
        if term.datatype == str(XSD.boolean):
            return escape(gettext("yes") if term.value in {"true", "1"} else gettext("no"))
        if term.value.startswith(("https://", "http://")):
            return Markup('<a class="out" rel="external" href="{0}">{0}</a>').format(term.value)
        if not term.datatype and term.value in LANGUAGES:
            return escape(LANGUAGES[term.value])
        return escape(term.value)

    def ordered(self, facts: Iterable[Fact]) -> list[Fact]:
        """Values of one property: in the reader's language first, then as the fallback goes."""
        order = [*FALLBACK[self.language]]

        def place(fact: Fact) -> tuple[int, list[tuple[tuple[int, ...], str]]]:
            language = fact.value.language
            known = order.index(language) if language in order else len(order)
            shown = self.name(fact.value.value).value if fact.value.is_iri else fact.value.value
            return known, by_number(shown)

        return sorted(facts, key=place)

    def sections(
        self, facts: Iterable[Fact], classes: Iterable[str]
    ) -> list[tuple[str, list[Fact]]]:
        """Facts by the groups that the shapes of the classes give them; "" has those without."""
        known = vocabulary(self.repository)
        closed = known.closed(classes)
        found: dict[str, list[Fact]] = {}
        for fact in facts:
            found.setdefault(known.place(fact.property, closed).group, []).append(fact)
        return list(found.items())

    def plain_day(self, day: str) -> str:
        """A day in words."""
        if not _DAY.fullmatch(day):
            return day
        if day not in self._days:  # a page of periods names the same days many times
            self._days[day] = str(format_date(datetime.date.fromisoformat(day), "long"))
        return self._days[day]

    def day(self, day: str) -> Markup:
        """A day in words, for people and machines."""
        return Markup('<time datetime="{0}">{1}</time>').format(day, self.plain_day(day))

    def period(self, period: Period) -> str:
        """A time in words; empty if nothing is known."""
        return _event(self, period) if period.event else _time(self, period)


def by_number(text: str) -> list[tuple[tuple[int, ...], str]]:
    """A key by which article 2 comes before 2-1, that before 10, and session IX before X."""
    arabic = " ".join(roman(word) or word for word in text.split())
    parts = _NUMBERING.split(arabic.casefold())
    return [
        (tuple(map(int, part.split("-"))), "") if part[:1].isdigit() else ((-1,), part)
        for part in parts
    ]


def _event(view_: View, period: Period) -> str:
    day = view_.plain_day
    if period.begin and period.until:
        return gettext("%(first)s – %(last)s", first=day(period.begin), last=day(period.until))
    if period.begin:
        return day(period.begin)
    if period.begin_earliest[:4] == period.begin_latest[:4] and (
        period.begin_earliest[5:],
        period.begin_latest[5:],
    ) == ("01-01", "12-31"):
        return gettext("in %(year)s", year=period.begin_earliest[:4])
    return _bounds(view_, period.begin_earliest, period.begin_latest)


def _time(view_: View, period: Period) -> str:
    day = view_.plain_day
    end = period.until or period.end_earliest or period.end_latest
    begin = ""
    if period.begin and period.until:
        return gettext(
            "from %(first)s until %(last)s", first=day(period.begin), last=day(period.until)
        )
    if period.begin:
        begin = (
            gettext("from %(day)s", day=day(period.begin))
            if end
            else gettext("since %(day)s", day=day(period.begin))
        )
    elif period.begin_earliest or period.begin_latest:
        bounds = _bounds(view_, period.begin_earliest, period.begin_latest)
        begin = gettext("begins: %(bounds)s", bounds=bounds)
    if period.until:
        end = gettext("until %(day)s", day=day(period.until))
    elif end:
        bounds = _bounds(view_, period.end_earliest, period.end_latest)
        end = gettext("ends: %(bounds)s", bounds=bounds)
    return "; ".join(part for part in (begin, end) if part)


def _bounds(view_: View, earliest: str, latest: str) -> str:
    day = view_.plain_day
    if earliest and latest:
        return gettext("between %(first)s and %(last)s", first=day(earliest), last=day(latest))
    if earliest:
        return gettext("not before %(day)s", day=day(earliest))
    return gettext("not after %(day)s", day=day(latest)) if latest else ""
