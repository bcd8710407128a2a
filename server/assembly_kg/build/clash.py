"""Contradictions: rules that concluded *false*, and things that the data make one by mistake.

Owns ``Contradiction`` and what counts as one. Besides the rules of OWL 2 RL without a conclusion,
that is a functional property with two things as its values (or the like): OWL concludes that both
are the same thing (``prp-fp``), but two things with names of their own are hardly meant to be one.
Where they are, the data say ``owl:sameAs``. How a contradiction is told to people is ``told``'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rdflib import URIRef
from rdflib.namespace import OWL, RDF

from assembly_kg.errors import InconsistencyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rdflib.term import Node

    from assembly_kg.rules import Closure, Derivation, Triple

    Saying = Callable[[Triple], Iterable[Node]]

__all__ = ["Clash", "Contradiction", "Fact", "check"]

# Rules that make two things one because there is room for one only.
_MERGING: Final = frozenset({"prp-fp", "prp-ifp", "cls-maxc2", "cls-maxqc3", "cls-maxqc4"})
_SHOWN: Final = 5


@dataclass(frozen=True)
class Fact:
    """A stated triple, and the names of the graphs that state it."""

    triple: Triple
    graphs: tuple[Node, ...]


@dataclass(frozen=True)
class Clash:
    """One contradiction.

    Attributes:
        rule: its name in the recommendation.
        facts: the stated triples that it rests on, without the cells of lists.
        merged: the two things that it would make one; None for a rule that concludes *false*.
    """

    rule: str
    facts: tuple[Fact, ...]
    merged: tuple[URIRef, URIRef] | None = None


class Contradiction(InconsistencyError):
    """The statements contradict each other; ``clashes`` says which and why."""

    def __init__(self, clashes: tuple[Clash, ...]) -> None:
        self.clashes = clashes
        parts = ["\n".join(_plain(clash)) for clash in clashes[:_SHOWN]]
        more = len(clashes) - _SHOWN
        super().__init__(
            "the ontology and the data contradict each other; change one of the facts below, "
            "or keep one as disputed\n"
            + "\n".join([*parts, *([f"... and {more} more"] if more > 0 else [])])
        )


def check(closure: Closure, saying: Saying | None = None) -> None:
    """Make sure that nothing in a closure contradicts anything else.

    Args:
        closure: what is stated, with what follows.
        saying: gives the names of the graphs that state a triple.

    Raises:
        Contradiction: something does.
    """
    clashes = [_clash(one, closure, saying) for one in closure.clashes]
    clashes += [
        _clash(why, closure, saying, (s, o)) for s, why, o in _merged(closure) if str(s) < str(o)
    ]
    if clashes:
        # Of two values that cannot be one the rules say so twice, either way round.
        apart = {(one.rule, frozenset(one.facts), one.merged): one for one in clashes}
        found = sorted(apart.values(), key=lambda clash: (clash.rule, str(clash)))
        raise Contradiction(tuple(found))


def _merged(closure: Closure) -> Iterator[tuple[URIRef, Derivation, URIRef]]:
    """Named things that are made one without anybody saying so."""
    for triple in closure.inferred():
        s, p, o = triple
        if p != OWL.sameAs or s == o or not isinstance(s, URIRef) or not isinstance(o, URIRef):
            continue
        why = closure.why(triple)
        if why is None or why.rule not in _MERGING:
            continue
        back = (o, OWL.sameAs, s)
        if back not in closure or closure.why(back) is not None:
            yield s, why, o


def _clash(
    why: Derivation,
    closure: Closure,
    saying: Saying | None,
    merged: tuple[URIRef, URIRef] | None = None,
) -> Clash:
    leaves = dict.fromkeys(leaf for premise in why.premises for leaf in closure.leaves(premise))
    facts = tuple(
        Fact(leaf, tuple(saying(leaf)) if saying else ())
        for leaf in leaves
        if leaf[1] not in {RDF.first, RDF.rest}
    )
    return Clash(why.rule, facts, merged)


def _plain(clash: Clash) -> Iterator[str]:
    yield f"rule {clash.rule}:"
    for fact in clash.facts:
        yield "  " + " ".join(term.n3() for term in fact.triple)
        yield from (f"    stated in <{name}>" for name in fact.graphs)
    if clash.merged is not None:
        one, other = (term.n3() for term in clash.merged)
        yield f"  so {one} and {other} would be one thing; if they are, state owl:sameAs"
