"""Which language a page speaks, and which label a thing gets in it.

Owns the choice (the address, then the header Accept-Language, then the cookie), the one order in
which labels are looked for, and the catalogues of interface texts. Catalogues are read from their
``.po`` files when the site starts: there is no compiled form to forget.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import g, has_request_context, request
from flask_babel import Babel, Domain
from flask_babel import gettext as _gettext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask
    from werkzeug import Request

__all__ = [
    "FALLBACK",
    "LANGUAGES",
    "N_",
    "PARAMETER",
    "Text",
    "choose",
    "gettext",
    "in_context",
    "install",
    "language_of",
    "pick",
    "translated",
]

LANGUAGES: Final = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
PARAMETER: Final = "lang"
# The one order of labels: the reader's language, then the other languages of the record by how
# many readers of the first know them, then text without a language, then any other, A to Z.
FALLBACK: Final = {
    "kk": ("kk", "ru", "en", ""),
    "ru": ("ru", "kk", "en", ""),
    "en": ("en", "ru", "kk", ""),
}
# Where numbers and days are written as readers of the language expect.
_LOCALES: Final = {"kk": "kk", "ru": "ru", "en": "en_GB"}
_FOLDER: Final = Path(__file__).parent / "translations"


@dataclass(frozen=True, slots=True)
class Text:
    """A text and its language; ``fallback``: not the language that was asked for."""

    value: str
    language: str
    fallback: bool


def pick(texts: Mapping[str, str], language: str) -> Text | None:
    """The text for a reader of this language, by ``FALLBACK``; None if there is none."""
    order = FALLBACK[language]
    for wanted in (*order, *sorted(texts)):
        if wanted in texts:
            return Text(texts[wanted], wanted, wanted not in {language, ""})
    return None


def N_(message: str) -> str:  # noqa: N802 -- the name by which catalogues know such texts
    """Mark a text that is translated where it is shown."""
    return message


def gettext(message: str, **variables: str) -> str:
    """A text of the interface in the language of this request."""
    return str(_gettext(message, **variables))


def choose() -> str:
    """The language of this request."""
    if not has_request_context():
        return "en"
    if "language" not in g:
        g.language = language_of(request)
    return str(g.language)


def language_of(asked: Request) -> str:
    """The language of a request."""
    named = asked.args.get(PARAMETER, "")
    if named in LANGUAGES:
        return named
    # RFC 4647, section 3.4, lookup: "kk-KZ" asks for "kk". The best comes first.
    for tag, quality in asked.accept_languages:
        language = tag.lower().partition("-")[0]
        if quality > 0 and language in LANGUAGES:
            return language
    kept = asked.cookies.get(PARAMETER, "")
    return kept if kept in LANGUAGES else "en"


def translated(message: str, language: str) -> str:
    """A text of the interface in a language, where there is no request of Flask's."""
    return str(_read(language).gettext(message))


def install(app: Flask) -> None:
    """Give an application its catalogues."""
    _Babel(app, locale_selector=_locale, default_locale=_LOCALES["en"])


def _locale() -> str:
    return _LOCALES[choose()]


class _Babel(Babel):  # type: ignore[misc]
    """Flask-Babel over the catalogues of the folder ``translations``."""

    @cached_property
    def domain_instance(self) -> _Catalogues:
        return _Catalogues()


class _Catalogues(Domain):  # type: ignore[misc]
    """Catalogues by language; English is the language of the sources and has none."""

    def __init__(self) -> None:
        super().__init__()
        for language in LANGUAGES:
            _read(language)

    def get_translations(self) -> Translations:
        return _read(choose())


def in_context(context: str, language: str) -> dict[str, str]:
    """The texts of a language's catalogue that are only known in a context, with their English."""
    return {
        str(text.id): str(text.string) for text in _catalogue(language) if text.context == context
    }


@cache
def _catalogue(language: str) -> Catalog:
    file = _FOLDER / language / "LC_MESSAGES" / "messages.po"
    if not file.is_file():
        return Catalog(language)
    with file.open("rb") as source:
        return read_po(source, locale=language)


@cache
def _read(language: str) -> Translations:
    compiled = io.BytesIO()
    write_mo(compiled, _catalogue(language))
    compiled.seek(0)
    return Translations(compiled)
