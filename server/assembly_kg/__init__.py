"""An institution's public record, published as a knowledge graph.

The package knows standards (RDF, OWL, SKOS, ORG, ELI, PROV, SHACL, DCAT, VoID, Web Annotation) and
the record vocabulary; the institution itself is the folders ``ontology/``, ``data/`` and
``shapes/`` that it is pointed at. One way through: files, release (``build``), engine, ``web``.
"""

from importlib.metadata import version

__all__ = ["__version__"]

__version__ = version("assembly-kg")
