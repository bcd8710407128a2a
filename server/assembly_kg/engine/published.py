"""What the releases are, in DCAT: one catalogue of all that stay published.

Owns the description of releases as triples, made from their manifests: DCAT 3, versioning
(https://www.w3.org/TR/vocab-dcat-3/#dataset-versions), and the checksum of each file. The file
``dataset.nq`` is canonical by RDFC-1.0 (https://www.w3.org/TR/rdf-canon/), so its SHA-256 names the
data of a release whatever program writes them. What a release says of itself is in its own data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from assembly_kg.engine.releases import before
from assembly_kg.namespaces import DCAT, DCTERMS, FOAF, FORMATS, RDF, SPDX, VOID, XSD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assembly_kg.engine.releases import Release

__all__ = ["FILES", "describe_catalogue", "describe_release", "iri"]

_CANONICAL: Final = "dataset.nq"
_IANA: Final = "https://www.iana.org/assignments/media-types/"
_RDFC: Final = "https://www.w3.org/TR/rdf-canon/"
_SHACL: Final = "http://www.w3.org/ns/shacl#"
# Path of a release's file → media type, format in https://www.w3.org/ns/formats/.
FILES: Final = {
    _CANONICAL: ("application/n-quads", "N-Quads"),
    "dumps/dataset.nq.gz": ("application/n-quads", "N-Quads"),
    "dumps/dataset.trig.gz": ("application/trig", "TriG"),
    "dumps/default.jsonld.gz": ("application/ld+json", "JSON-LD"),
    "dumps/default.nt.gz": ("application/n-triples", "N-Triples"),
    "dumps/default.rdf.gz": ("application/rdf+xml", "RDF_XML"),
    "dumps/default.ttl.gz": ("text/turtle", "Turtle"),
}

Node = ox.NamedNode | ox.Literal


def iri(release: Release) -> str:
    """What a release is called: by its version."""
    return f"{release.base}release/{release.version}"


def describe_catalogue(versions: Sequence[Release], site: str) -> Iterator[ox.Triple]:
    """The catalogue of all releases.

    Args:
        versions: one release of each version, oldest first.
        site: the address of the site, without a slash at its end.
    """
    catalogue = f"{site}/releases"
    yield _triple(catalogue, RDF.type, _named(DCAT.Catalog))
    for one in versions:
        yield _triple(catalogue, DCAT.dataset, _named(iri(one)))
        yield from describe_release(one, versions, site)


def describe_release(
    release: Release, versions: Sequence[Release], site: str
) -> Iterator[ox.Triple]:
    """One release: version, day, the release before it, where to ask it, and its files."""
    own, dataset = iri(release), release.dataset
    yield _triple(dataset, RDF.type, _named(DCAT.Dataset))
    yield _triple(dataset, f"{DCAT}hasVersion", _named(own))
    if release.current:
        yield _triple(dataset, f"{DCAT}hasCurrentVersion", _named(own))
    yield _triple(own, RDF.type, _named(DCAT.Dataset))
    yield _triple(own, f"{DCAT}isVersionOf", _named(dataset))
    yield _triple(own, f"{DCAT}version", ox.Literal(release.version))
    yield _triple(own, DCTERMS.issued, _typed(release.issued, str(XSD.date)))
    earlier = before(versions, release)
    if earlier is not None:
        yield _triple(own, f"{DCAT}previousVersion", _named(iri(earlier)))
    counts = release.told.get("counts", {})
    if "default" in counts:
        yield _triple(own, VOID.triples, _typed(str(counts["default"]), str(XSD.integer)))
    yield from _checksum(own, release.hash)
    yield _triple(own, DCAT.landingPage, _named(f"{site}/release/{release.version}.html"))
    yield _triple(f"{site}/release/{release.version}.html", RDF.type, _named(FOAF.Document))
    yield from _service(own, release, site)
    yield from _files(own, release)


def _service(own: str, release: Release, site: str) -> Iterator[ox.Triple]:
    service = f"{own}#service"
    yield _triple(service, RDF.type, _named(f"{DCAT}DataService"))
    yield _triple(service, f"{DCAT}servesDataset", _named(own))
    address = _named(f"{site}/sparql?release={release.version}")
    yield _triple(service, f"{DCAT}endpointURL", address)


def _files(own: str, release: Release) -> Iterator[ox.Triple]:
    for file in release.told.get("files", ()):
        path, address = file["path"], f"{own}/{file['path']}"
        if path == "validation.ttl":
            yield _triple(own, DCTERMS.relation, _named(address))
            yield _triple(address, RDF.type, _named(f"{_SHACL}ValidationReport"))
        if path not in FILES:
            continue
        media_type, form = FILES[path]
        yield _triple(own, DCAT.distribution, _named(address))
        yield _triple(address, RDF.type, _named(DCAT.Distribution))
        yield _triple(address, DCAT.downloadURL, _named(address))
        yield _triple(address, DCAT.mediaType, _named(_IANA + media_type))
        yield _triple(address, str(DCTERMS["format"]), _named(str(FORMATS[form])))
        size = _typed(str(file["size"]), str(XSD.nonNegativeInteger))
        yield _triple(address, DCAT.byteSize, size)
        if path == _CANONICAL:
            yield _triple(address, DCTERMS.conformsTo, _named(_RDFC))
        if path.endswith(".gz"):
            yield _triple(address, f"{DCAT}compressFormat", _named(f"{_IANA}application/gzip"))
        yield from _checksum(address, file["sha256"])


def _checksum(of: str, value: str) -> Iterator[ox.Triple]:
    checksum = f"{of}#sha256"
    yield _triple(of, SPDX.checksum, _named(checksum))
    yield _triple(checksum, RDF.type, _named(SPDX.Checksum))
    yield _triple(checksum, SPDX.algorithm, _named(SPDX.checksumAlgorithm_sha256))
    yield _triple(checksum, SPDX.checksumValue, _typed(value, str(XSD.hexBinary)))


def _triple(subject: str, predicate: str, value: Node) -> ox.Triple:
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(str(predicate)), value)


def _named(name: str) -> ox.NamedNode:
    return ox.NamedNode(str(name))


def _typed(value: str, datatype: str) -> ox.Literal:
    return ox.Literal(value, datatype=ox.NamedNode(datatype))
