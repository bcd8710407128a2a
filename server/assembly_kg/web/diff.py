"""``/diff``, ``/timeline/changes`` and ``/release/<version>/changes``: what changed.

Owns the requests and the pages: between two days or releases, day by day, and from one version to
the next. What is compared is ``engine.difference``'s; two releases are compared in a process of
their own, as neither need be the one that is served, and one pair at a time.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response, current_app, render_template, request

from assembly_kg.engine import tasks
from assembly_kg.engine.description import notes
from assembly_kg.engine.difference_data import HEAD
from assembly_kg.engine.releases import before, named, served
from assembly_kg.engine.wording import say
from assembly_kg.errors import DeadlineExceeded, EngineError, EngineUnavailable, NotFoundError
from assembly_kg.web.errors import Problem, ProblemError
from assembly_kg.web.forms import as_json, chosen, content, required, term
from assembly_kg.web.representations import write_csv
from assembly_kg.web.site import repository
from assembly_kg.web.view import view

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from assembly_kg.engine.description import Note
    from assembly_kg.engine.question import Engine, Question
    from assembly_kg.engine.releases import Release
    from assembly_kg.settings import Settings

__all__ = ["blueprint"]

blueprint = Blueprint("diff", __name__)
_FORMS: Final = ("html", "json", "trig", "nq", "jsonld")
_DAY: Final = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_KEPT: Final = 16
_CHANGELOG: Final = "md"
_SUBJECTS: Final = 100
_ONE_AT_A_TIME: Final = threading.Lock()
_PATIENCE: Final = 2.0


@blueprint.get("/diff")
def diff() -> Response | str:
    """What differs between ``from`` and ``to``: two days, or two releases."""
    form = "" if request.args.get("format") == _CHANGELOG else chosen(_FORMS)
    if form == "html" and not ("from" in request.args or "to" in request.args):
        return _page(None, releases_=False)
    begin, end = required("from", "to")
    days = [bool(_DAY.fullmatch(name)) for name in (begin, end)]
    if days[0] != days[1]:
        raise ProblemError(Problem("bad-request", "from and to are two days, or two releases"))
    if not days[0]:
        return _between(_published(begin), _published(end))
    written = _answer(tasks.difference(begin, end, "json" if form == "html" else form))
    if form != "html":
        return content(written, form)
    return _page(json.loads(written), releases_=False)


@blueprint.get("/release/<version>/changes")
def changes(version: str) -> Response | str:
    """What a release brought: its difference from the version before it."""
    engine: Engine = current_app.extensions["assembly_kg.engine"]
    new = _published(version)
    old = before(served(_settings().out, engine.catalogue()), new)
    if old is None:
        raise NotFoundError(f"release {version} is the first; there is none to compare it with")
    return _between(old, new)


@blueprint.get("/timeline/changes", defaults={"form": ""})
@blueprint.get("/timeline/changes.<any(json, csv):form>")
def history(form: str) -> Response | str:
    """What changed on which day, each change with its cause and its sources."""
    form = form or chosen(("html", "json", "csv"))
    told = repository().kept("history", lambda: json.loads(_answer(tasks.history())))
    if form == "json":
        return as_json(told)
    if form == "csv":
        return content(write_csv([HEAD, *_rows(told)]), "csv")
    view().prime(iri for one in told for iri in one["labels"])
    said = _said(turn for one in told for turn in one["situations"])
    return render_template("diff/history.html", history=told, notes=said, **_words())


def _page(told: dict[str, Any] | None, *, releases_: bool) -> str:
    page, pages = 1, 1
    said: dict[str, Note] = {}
    if told is not None:
        page, pages = _cut(told)
        view().prime(told["labels"])
        said = _said(told.get("situations", ()))
    engine: Engine = current_app.extensions["assembly_kg.engine"]
    return render_template(
        "diff/diff.html",
        told=told,
        releases=releases_,
        page=page,
        pages=pages,
        notes=said,
        known=served(_settings().out, engine.catalogue()),
        forms=(*_FORMS[1:], _CHANGELOG) if releases_ else _FORMS[1:],
        **_words(),
    )


def _cut(told: dict[str, Any]) -> tuple[int, int]:
    """Leave the changes of one page of subjects, and the names that they mention; which page."""
    subjects = list(dict.fromkeys(one["subject"]["value"] for one in told["changes"]))
    pages = max(1, -(-len(subjects) // _SUBJECTS))
    asked = request.args.get("page", "1")
    page = min(max(int(asked), 1), pages) if asked.isdecimal() else 1
    if pages > 1:
        shown = frozenset(subjects[(page - 1) * _SUBJECTS : page * _SUBJECTS])
        told["changes"] = [one for one in told["changes"] if one["subject"]["value"] in shown]
        told["labels"] = {
            node["value"]
            for one in told["changes"]
            for node in (one["subject"], one["predicate"], *one["before"], *one["after"])
            if node["type"] == "uri"
        }
    return page, pages


def _said(turns: Iterable[Mapping[str, Any]]) -> dict[str, Note]:
    """The sentences that say of changes, with the names of their documents."""
    found = notes(repository(), {segment for turn in turns for segment in turn["segments"]})
    view().prime({note.document for note in found.values()})
    return found


def _words() -> dict[str, Any]:
    return {"say": partial(say, language=view().language), "term": term, "short": view().short}


def _rows(told: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    return [
        (
            one["to"],
            turn["kind"],
            turn["situation"],
            turn["day"] or "",
            " ".join(cause["value"] for cause in turn["causes"]),
            " ".join(turn["segments"]),
        )
        for one in told
        for turn in one["situations"]
    ]


def _answer(question: Question) -> bytes:
    engine: Engine = current_app.extensions["assembly_kg.engine"]
    body = engine.answer(question).body
    if isinstance(body, bytes):
        return body
    with body:
        return body.read()


def _between(old: Release, new: Release) -> Response | str:
    """The difference of two releases as the request wants it."""
    form = request.args.get("format", "")
    if form == _CHANGELOG:
        written = _of_releases(old, new, "changelog", view().language)
        return Response(written, content_type="text/markdown; charset=utf-8")
    form = chosen(_FORMS)
    written = _of_releases(old, new, "json" if form == "html" else form)
    return content(written, form) if form != "html" else _page(json.loads(written), releases_=True)


def _of_releases(old: Release, new: Release, form: str, language: str = "en") -> bytes:
    """The difference of two releases, which never changes once they are published."""
    known: dict[tuple[str, ...], bytes] = current_app.extensions.setdefault("assembly_kg.diff", {})
    key = (old.hash, new.hash, form, language)
    if key in known:
        return known[key]
    if not _ONE_AT_A_TIME.acquire(timeout=_PATIENCE):
        raise EngineUnavailable("two other releases are being compared; try again in a few seconds")
    try:
        if key not in known:
            while len(known) >= _KEPT:
                known.pop(next(iter(known)))
            known[key] = _compare([old.folder.name, new.folder.name], form, language)
        return known[key]
    finally:
        _ONE_AT_A_TIME.release()


def _published(name: str) -> Release:
    """The release that a name means; a path is not a name here."""
    if "/" in name or name.startswith("."):
        raise ProblemError(Problem("bad-request", f'"{name[:100]}" is not the name of a release'))
    return named(_settings().out, name)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["assembly_kg.settings"]
    return settings


def _compare(folders: list[str], form: str, language: str) -> bytes:
    settings = _settings()
    arguments = ["diff", "--out", str(settings.out), "--format", form, "--lang", language, *folders]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "assembly_kg", *arguments],
            capture_output=True,
            timeout=settings.timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise DeadlineExceeded("timeout", settings.timeout) from error
    if done.returncode:
        raise EngineError("the releases could not be compared")
    return done.stdout
