"""``/diff`` and ``/timeline/changes``: what changed between two days or releases, and day by day.

Owns the requests and the pages. What is compared is ``engine.difference``'s; two releases are
compared in a process of their own, as neither need be the one that is served.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response, current_app, render_template, request

from assembly_kg.engine import tasks
from assembly_kg.engine.difference_data import HEAD
from assembly_kg.engine.releases import find, releases
from assembly_kg.engine.wording import say
from assembly_kg.errors import DeadlineExceeded, EngineError
from assembly_kg.web.errors import Problem, ProblemError
from assembly_kg.web.forms import as_json, chosen, content, required, term
from assembly_kg.web.representations import write_csv
from assembly_kg.web.site import repository
from assembly_kg.web.view import view

if TYPE_CHECKING:
    from assembly_kg.engine.question import Engine, Question
    from assembly_kg.settings import Settings

__all__ = ["blueprint"]

blueprint = Blueprint("diff", __name__)
_FORMS: Final = ("html", "json", "trig", "nq", "jsonld")
_DAY: Final = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_KEPT: Final = 16


@blueprint.get("/diff")
def diff() -> Response | str:
    """What differs between ``from`` and ``to``: two days, or two releases."""
    form = chosen(_FORMS)
    if form == "html" and not ("from" in request.args or "to" in request.args):
        return _page(None, releases_=False)
    begin, end = required("from", "to")
    days = [bool(_DAY.fullmatch(name)) for name in (begin, end)]
    if days[0] != days[1]:
        raise ProblemError(Problem("bad-request", "from and to are two days, or two releases"))
    asked = "json" if form == "html" else form
    written = _of_days(begin, end, asked) if days[0] else _of_releases(begin, end, asked)
    if form != "html":
        return content(written, form)
    return _page(json.loads(written), releases_=not days[0])


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
    return render_template("diff/history.html", history=told, **_words())


def _page(told: dict[str, Any] | None, *, releases_: bool) -> str:
    if told is not None:
        view().prime(told["labels"])
    settings: Settings = current_app.extensions["assembly_kg.settings"]
    return render_template(
        "diff/diff.html",
        told=told,
        releases=releases_,
        known=releases(settings.out) if settings.out.is_dir() else [],
        forms=_FORMS[1:],
        **_words(),
    )


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


def _of_days(begin: str, end: str, form: str) -> bytes:
    return _answer(tasks.difference(begin, end, form))


def _answer(question: Question) -> bytes:
    engine: Engine = current_app.extensions["assembly_kg.engine"]
    body = engine.answer(question).body
    if isinstance(body, bytes):
        return body
    with body:
        return body.read()


def _of_releases(old: str, new: str, form: str) -> bytes:
    """The difference of two releases, which never changes once they are published."""
    settings: Settings = current_app.extensions["assembly_kg.settings"]
    folders = [_published(settings, name) for name in (old, new)]
    known: dict[tuple[str, ...], bytes] = current_app.extensions.setdefault("assembly_kg.diff", {})
    key = (*folders, form)
    if key not in known:
        while len(known) >= _KEPT:
            known.pop(next(iter(known)))
        known[key] = _compare(settings, folders, form)
    return known[key]


def _published(settings: Settings, name: str) -> str:
    """The folder of a release; a path is not a name here."""
    if "/" in name or name.startswith("."):
        raise ProblemError(Problem("bad-request", f'"{name[:100]}" is not the name of a release'))
    return find(settings.out, name).folder.name


def _compare(settings: Settings, folders: list[str], form: str) -> bytes:
    arguments = ["diff", "--out", str(settings.out), "--format", form, *folders]
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
