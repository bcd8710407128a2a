"""A graph whose SPARQL queries Oxigraph answers.

Owns the bridge between rdflib's interface, which pySHACL asks SHACL's SPARQL-based constraints
through (https://www.w3.org/TR/shacl/#sparql-constraints), and Oxigraph, which answers them some
hundred times faster than rdflib's own engine. Everything else about the graph stays rdflib's.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import pyoxigraph as ox
from rdflib import Graph, Variable
from rdflib.query import Result

from assembly_kg.build.terms import OxTerm, from_oxigraph, to_oxigraph, to_quad

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rdflib.term import Identifier

__all__ = ["Asked"]


class Asked(Graph):
    """A view of a graph for queries. The graph must not change after the first of them.

    Args:
        graph: what is asked; shared, not copied.
    """

    def __init__(self, graph: Graph) -> None:
        super().__init__(
            store=graph.store,
            identifier=graph.identifier,
            namespace_manager=graph.namespace_manager,
        )

    def query(  # type: ignore[override]
        self,
        query_object: str,
        processor: object = None,  # noqa: ARG002 -- rdflib's signature from here on
        result: object = None,  # noqa: ARG002
        initNs: object = None,  # noqa: ARG002, N803
        initBindings: Mapping[str, Identifier] | None = None,  # noqa: N803
        *_: Any,
    ) -> Result:
        """The answer to a SELECT or ASK query, its variables bound beforehand as SHACL does it.

        Numbers and times come back in their canonical form, as Oxigraph keeps them.

        Raises:
            SyntaxError: it is no such query.
        """
        bound: dict[ox.Variable, OxTerm] = {
            ox.Variable(str(name)): to_oxigraph(term) for name, term in (initBindings or {}).items()
        }
        found = self._answering.query(query_object, substitutions=bound)
        if isinstance(found, ox.QueryBoolean):
            answer = Result("ASK")
            answer.askAnswer = bool(found)
            return answer
        if not isinstance(found, ox.QuerySolutions):
            raise SyntaxError("only SELECT and ASK queries can be asked")  # noqa: TRY004
        answer = Result("SELECT")
        answer.vars = [Variable(variable.value) for variable in found.variables]
        answer.bindings = [
            {
                name: cast("Identifier", from_oxigraph(term))
                for name, term in zip(answer.vars, row, strict=True)
                if term is not None
            }
            for row in found
        ]
        return answer

    @cached_property
    def _answering(self) -> ox.Store:
        store = ox.Store()
        store.bulk_extend(map(to_quad, self))
        return store
