"""What a page says of itself: how it is cited, had as data, and asked as a query.

Owns the citation of whatever has a page, and for pages that answer a question instead of telling of
one thing also their description in the words of schema.org (https://schema.org/Dataset) and the
addresses of their data. The forms of a citation are ``citation``'s; what schema.org says of a thing
is ``schema_org``'s.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Response

from assembly_kg.web.citation import FORMS, Citation
from assembly_kg.web.representations import MEDIA_TYPES
from assembly_kg.web.site import about, repository
from assembly_kg.web.view import view

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Colophon", "citation", "written"]


@dataclass(frozen=True)
class Colophon:
    """What a page says of itself, in the reader's language.

    Attributes:
        title: what the page shows.
        description: the same in a sentence.
        path: the address of the page, to which the ending of a form is added.
        query: asks in SPARQL what the page is made from; empty where the page has its own.
        chosen: the parameters that decide what it shows (``as_of``, ``kind``).
        asked_on: the day on which the query is asked; empty for all that is known.
        forms: the endings of its data.
        iri: the lasting name of what it shows; empty if that is its address.
        kind: the class of schema.org that it is of.
        version, date: of the release that it is from; empty for the one that is served.
    """

    title: str
    description: str
    path: str
    query: str
    chosen: Mapping[str, str] = field(default_factory=dict)
    asked_on: str = ""
    forms: tuple[str, ...] = ("csv", "json")
    iri: str = ""
    kind: str = "Dataset"
    version: str = ""
    date: str = ""

    @property
    def name(self) -> str:
        """What a citation names: the IRI, or the address without the reader's language."""
        given = {name.replace("_", "-"): value for name, value in self.chosen.items() if value}
        here = view().absolute(self.path) + (f"?{urlencode(given)}" if given else "")
        return self.iri or here

    @property
    def citation(self) -> Citation:
        """How it is cited."""
        served = citation(self.title, self.name)
        return replace(
            served, version=self.version or served.version, date=self.date or served.date
        )

    def address(self, form: str) -> str:
        """Of the page in a form: data or citation."""
        if "?" in self.path:
            return view().in_form(self.iri, form)
        return self._local(f"{self.path}.{form}")

    def media_type(self, form: str) -> str:
        """Of its data in a form."""
        return MEDIA_TYPES[form]

    def linked_data(self) -> dict[str, object]:
        """The page in the words of schema.org."""
        told, cited = about(), self.citation
        document: dict[str, object] = {
            "@context": "https://schema.org",
            "@id": self.name,
            "@type": self.kind,
            "name": self.title,
            "description": self.description,
            "inLanguage": view().language,
            "url": view().absolute(self._local(self.path)),
            "isPartOf": {"@type": "Dataset", "@id": told["dataset"].get("", "")},
            "version": cited.version,
            "dateModified": cited.date,
            "license": told["license"].get("", ""),
            "temporalCoverage": self.chosen.get("as_of", ""),
            "creator": {"@type": "Organization", "name": cited.publisher},
            "distribution": [
                {
                    "@type": "DataDownload",
                    "encodingFormat": self.media_type(form),
                    "contentUrl": view().absolute(self.address(form)),
                }
                for form in self.forms
            ],
        }
        return {name: value for name, value in document.items() if value}

    def _local(self, path: str) -> str:
        return view().url(path, **{"as_of": "", **self.chosen})


def citation(title: str, iri: str) -> Citation:
    """How what has this lasting name is cited from this release."""
    catalogue, told = repository().catalogue, about()
    return Citation(
        title=title,
        dataset=view().text(told["title"]).value,
        version=catalogue.version,
        date=catalogue.date or "",
        publisher=view().text(told["publisher"]).value,
        iri=iri,
        language=view().language,
    )


def written(cited: Citation, form: str) -> Response:
    """The answer to who asks for a citation in one of ``citation.FORMS``."""
    return Response(getattr(cited, form)().encode(), content_type=f"{FORMS[form]}; charset=utf-8")
