"""The stages of a build, and what a release's folder holds.

Owns their order: load, project, reason, validate, slice, describe, confirm, write. Each stage is a
module of its own; owlrl works beside from "reason" to "confirm". A release is the folder
``<version>-<hash>``: ``dataset.nq`` (canonical N-Quads), ``dumps/``, ``projections/`` (the rules,
for whoever asks why), ``void.ttl``, ``validation.ttl`` and ``.json``, ``manifest.json``,
``SHA256SUMS``. The hash in its name is that of the manifest, which has the hashes of all the
others; nothing in it tells the time or the place of the build.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox
from rdflib import Graph, URIRef

from assembly_kg.build import folder
from assembly_kg.build.aside import aside
from assembly_kg.build.canonical import Canonical, Lines, digest, serialize, write, write_gzip
from assembly_kg.build.describe import DUMPS, describe, with_checksums
from assembly_kg.build.load import load
from assembly_kg.build.project import Projector, days_of_change
from assembly_kg.build.reason import here, infer, infer_each, reasoning
from assembly_kg.build.terms import to_triple
from assembly_kg.build.validate import Rejected, fact_graphs, seen, shorten, validate
from assembly_kg.namespaces import PREFIXES
from assembly_kg.rules import Closure

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from assembly_kg.build.cache import Cache
    from assembly_kg.build.describe import Dump
    from assembly_kg.build.load import Sources
    from assembly_kg.build.validate import Report
    from assembly_kg.rules import Triple
    from assembly_kg.settings import Settings

__all__ = ["STAGES", "make", "validated"]

STAGES: Final = (
    "load",
    "project",
    "reason",
    "validate",
    "slice",
    "describe",
    "confirm",
    "write",
)
# Of a smaller graph the reference has told everything before another process has begun.
_WORTH_A_PROCESS: Final = 5_000
_MARK: Final = 12
_SHOWN: Final = 20
_FORMATS: Final = {
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/n-quads": ox.RdfFormat.N_QUADS,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/trig": ox.RdfFormat.TRIG,
    "text/turtle": ox.RdfFormat.TURTLE,
}


@dataclass(frozen=True)
class _Content:
    """A release before it is written.

    Attributes:
        quads: what ``dataset.nq`` holds.
        graphs: the number of triples in each named graph.
        default: the number of triples in the default graph.
        inferred: how many of these are inferred.
        description: the graph ``<base>void``.
        slices: the days of change.
    """

    quads: Canonical
    graphs: Mapping[URIRef, int]
    default: int
    inferred: int
    description: tuple[Triple, ...]
    slices: tuple[date, ...]


def make(settings: Settings, cache: Cache, observe: Callable[[str], None]) -> Path:
    """Run all stages and publish the release; returns its folder.

    Raises:
        InputError, InconsistencyError, ValidationFailure, BuildError: as ``release.build``.
    """
    observe("load")
    sources = load(settings.root)
    observe("project")
    projector = Projector(sources)
    stated = _stated(sources, projector)
    observe("reason")
    ask = aside if len(stated) >= _WORTH_A_PROCESS else here
    with reasoning(stated, sources.saying, cache, ask) as found:
        observe("validate")
        report = _report(sources, stated, found.inferred)
        if not report.passes:
            raise Rejected(report, _failure(report, sources))
        observe("slice")
        slices = _slices(sources, projector)
        observe("describe")
        content = _assemble(sources, stated, found.inferred, slices)
        observe("confirm")
        found.confirm()
    observe("write")
    return _write(settings.out, sources, report, content)


def validated(sources: Sources) -> Report:
    """The report on an institution as it stands, without making a release.

    Raises:
        InconsistencyError: the statements contradict each other.
    """
    stated = _stated(sources, Projector(sources))
    return _report(sources, stated, infer(stated, sources.saying))


def _stated(sources: Sources, projector: Projector) -> Graph:
    """What is stated, with the projections of the release date."""
    stated = sources.merged()
    for triple in projector.project(sources.issued):
        stated.add(triple)
    return stated


def _report(sources: Sources, stated: Graph, inferred: Collection[Triple]) -> Report:
    data = Graph()
    for triples in (stated, seen(stated, inferred), fact_graphs(sources.fact_graphs())):
        for triple in triples:
            data.add(triple)
    return validate(data, sources.graph("shapes"), sources.saying)


def _failure(report: Report, sources: Sources) -> str:
    """The violations for people; the rest of the report is shown by the validate command."""
    prefixes = {**sources.prefixes, **PREFIXES}
    violations = [result for result in report.results if result.severity == "violation"]
    lines = [
        f"  {shorten(result.focus, prefixes)}: {result.message()}"
        + "".join(f" [stated in {shorten(name, prefixes)}]" for name in result.sources)
        for result in violations[:_SHOWN]
    ]
    more = len(violations) - len(lines)
    plural = "" if len(violations) == 1 else "s"
    head = f"{len(violations)} shape violation{plural}, so nothing is published:"
    tail = [f"  ... and {more} more"] if more > 0 else []
    return "\n".join([head, *lines, *tail, "assembly-kg validate shows the whole report"])


def _slices(sources: Sources, projector: Projector) -> dict[date, set[Triple]]:
    """The slice of every day of change with what follows from it."""
    days = days_of_change(sources)
    stated = [projector.slice(day) for day in days]
    inferred = infer_each(stated, Closure(sources.graph("ontology")), sources.saying)
    return {day: stated[at] | inferred[at] for at, day in enumerate(days)}


def _assemble(
    sources: Sources,
    stated: Graph,
    inferred: Collection[Triple],
    slices: Mapping[date, set[Triple]],
) -> _Content:
    """All graphs of the release, in canonical order."""
    named: dict[URIRef, set[Triple]] = {
        name: set(sources.dataset.graph(name)) for name in sources.names()
    }
    named[URIRef(f"{sources.base}inferred")] = set(inferred)
    for day, triples in slices.items():
        named[URIRef(f"{sources.base}as-of/{day.isoformat()}")] = triples
    default = {*stated, *inferred, *sources.graph("shapes")}
    counts = {name: len(triples) for name, triples in named.items()}
    description = describe(sources, default, counts)
    void = URIRef(f"{sources.base}void")
    named[void] = set(description)
    default |= named[void]
    lines = Lines()
    lines.add(default, None)
    for name, triples in named.items():
        lines.add(triples, name)
    return _Content(
        quads=lines.canonical(),
        graphs={**counts, void: len(description)},
        default=len(default),
        inferred=len(inferred),
        description=description,
        slices=tuple(slices),
    )


def _write(out: Path, sources: Sources, report: Report, content: _Content) -> Path:
    """Write the release beside the others and publish it."""
    prefixes = dict(sorted({**PREFIXES, **sources.prefixes}.items()))
    dataset = "".join(content.quads.lines).encode()
    with folder.draft(out) as draft:
        for dump, data in _dumps(dataset, content.quads.graphs, prefixes):
            fill = write_gzip if dump.compressed else write
            draft.write(dump.path, partial(fill, data))
        described = [*content.description, *with_checksums(sources, draft.files)]
        void = serialize(map(to_triple, sorted(described)), ox.RdfFormat.TURTLE, prefixes)
        draft.write("void.ttl", partial(write, void))
        for rule in sources.rules:
            draft.write(f"projections/{rule.name}.rq", partial(write, rule.query.encode()))
        draft.write("validation.ttl", partial(write, report.to_turtle(prefixes).encode()))
        draft.write("validation.json", partial(write, report.to_json().encode()))
        manifest = _manifest(sources, report, content, digest(dataset), draft)
        draft.write("manifest.json", partial(write, manifest))
        return folder.publish(out, draft, f"{sources.version}-{digest(manifest)[:_MARK]}")


def _dumps(
    dataset: bytes, graphs: Mapping[str, list[str]], prefixes: Mapping[str, str]
) -> Iterator[tuple[Dump, bytes]]:
    """The content of each dump: named graphs A to Z, then the default graph, each in its order."""
    default = [quad.triple for quad in _parsed(graphs[""])]
    for dump in DUMPS:
        form = _FORMATS[dump.media_type]
        if form == ox.RdfFormat.N_QUADS:
            yield dump, dataset
        elif dump.whole:
            named = (line for name in sorted(graphs) if name for line in graphs[name])
            yield dump, serialize(_parsed([*named, *graphs[""]]), form, prefixes)
        else:
            yield dump, serialize(default, form, prefixes)


def _parsed(lines: list[str]) -> Iterator[ox.Quad]:
    return iter(ox.parse("".join(lines).encode(), ox.RdfFormat.N_QUADS))


def _manifest(
    sources: Sources, report: Report, content: _Content, sha256: str, draft: folder.Draft
) -> bytes:
    """What a program needs to know of a release before it reads it."""
    documents = [n for n in content.graphs if n.startswith(f"{sources.base}source/")]
    manifest = {
        "version": sources.version,
        "issued": sources.issued.isoformat(),
        "hash": sha256,
        "hashed": "SHA-256 of dataset.nq, which is canonical by RDFC-1.0",
        "base": sources.base,
        "dataset": sources.entry,
        "ontology": sources.ontology,
        "namespace": sources.namespace,
        "prefixes": dict(sorted(sources.prefixes.items())),
        "counts": {
            "quads": len(content.quads.lines),
            "default": content.default,
            "inferred": content.inferred,
            "graphs": len(content.graphs),
            "documents": sum("/" not in _below(name, sources) for name in documents),
            "violations": report.count("violation"),
            "warnings": report.count("warning"),
        },
        "as_of": [day.isoformat() for day in content.slices],
        "graphs": {name: content.graphs[name] for name in sorted(content.graphs)},
        "files": [asdict(file) for file in sorted(draft.files, key=lambda file: file.path)],
        "inputs": [asdict(file) for file in sources.files],
    }
    return json.dumps(manifest, ensure_ascii=False, indent=2).encode()


def _below(name: URIRef, sources: Sources) -> str:
    return str(name).removeprefix(f"{sources.base}source/")
