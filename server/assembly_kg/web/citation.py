"""How a page is cited: BibTeX, RIS, CSL-JSON and plain words.

Owns the four forms of one record. RIS as reference managers read it; CSL-JSON by
https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

__all__ = ["FORMS", "Citation"]

# Ending → media type.
FORMS: Final = {
    "bib": "application/x-bibtex",
    "ris": "application/x-research-info-systems",
    "csl": "application/vnd.citationstyles.csl+json",
}
_KEY: Final = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True)
class Citation:
    """What is cited; ``date`` is YYYY-MM-DD, ``iri`` the thing's lasting name."""

    title: str
    dataset: str
    version: str
    date: str
    publisher: str
    iri: str
    language: str

    def plain(self) -> str:
        """In words."""
        title = self.title if self.title.endswith(("?", "!", ".")) else f"{self.title}."
        return (
            f"{title} {self.dataset}, {self.version}. {self.publisher}, {self.date[:4]}. {self.iri}"
        )

    def bib(self) -> str:
        """BibTeX, for biblatex's type ``inreference``'s plain relative ``misc``."""
        key = _KEY.sub("-", self.iri.rpartition("/")[2]).strip("-") + self.date[:4]
        fields = {
            "title": self.title,
            "howpublished": f"{self.dataset}, {self.version}",
            "publisher": self.publisher,
            "year": self.date[:4],
            "date": self.date,
            "url": self.iri,
            "langid": self.language,
        }
        lines = [f"  {name} = {{{_braced(value)}}}," for name, value in fields.items() if value]
        return "\n".join([f"@misc{{{key},", *lines, "}", ""])

    def ris(self) -> str:
        """RIS: one tag a line, ended by CR LF."""
        tags = [
            ("TY", "DATA"),
            ("TI", self.title),
            ("T2", self.dataset),
            ("ET", self.version),
            ("PB", self.publisher),
            ("PY", self.date[:4]),
            ("DA", self.date.replace("-", "/")),
            ("UR", self.iri),
            ("LA", self.language),
            ("ER", ""),
        ]
        return "".join(f"{tag}  - {value}\r\n" for tag, value in tags)

    def csl(self) -> str:
        """CSL-JSON."""
        record = {
            "id": self.iri,
            "type": "dataset",
            "title": self.title,
            "container-title": self.dataset,
            "version": self.version,
            "publisher": self.publisher,
            "issued": {"date-parts": [[int(part) for part in self.date.split("-") if part]]},
            "URL": self.iri,
            "language": self.language,
        }
        return json.dumps([record], ensure_ascii=False, indent=2)


def _braced(value: str) -> str:
    return re.sub(r"([%#&_$])", r"\\\1", value.replace("{", "(").replace("}", ")"))
