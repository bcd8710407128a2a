"""An explanation as a tree that people read, in their language.

Owns the layout: the triple, the verdict, who says so, then each proof from its conclusion down to
the sentences. A list is written at the axiom that owns it; a sentence that several premises rest on
is quoted once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from assembly_kg.engine.names import short
from assembly_kg.engine.wording import label_of, say
from assembly_kg.namespaces import RDF

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assembly_kg.engine.evidence import Dispute, Statement
    from assembly_kg.engine.explain import Explanation
    from assembly_kg.engine.near import Near
    from assembly_kg.engine.proofs import Proof
    from assembly_kg.engine.world import Term, Triple

__all__ = ["explanation_text", "is_list_cell"]

_LIST: Final = frozenset({str(RDF.first), str(RDF.rest)})
_INDENT: Final = "   "


def explanation_text(explanation: Explanation, language: str) -> str:
    """The explanation as lines of text, the last one ended."""
    return "\n".join(_Teller(explanation, language).lines()) + "\n"


def is_list_cell(triple: Triple) -> bool:
    """Whether a triple only holds a list together (``rdf:first``, ``rdf:rest``)."""
    return triple[1].value in _LIST


class _Teller:
    def __init__(self, explanation: Explanation, language: str) -> None:
        self._it = explanation
        self._language = language
        self._lists = _lists(explanation.proofs)
        self._quoted: set[str] = set()

    def lines(self) -> Iterator[str]:
        it = self._it
        day = f" ({self._say('as-of', day=it.day)})" if it.day else ""
        yield self._triple(it.triple) + day
        yield self._say(it.verdict)
        if it.statements:
            yield self._say("says")
            for statement in it.statements:
                yield from self._statement(statement, "")
        for dispute in it.disputes:
            yield from self._dispute(dispute)
        for number, proof in enumerate(it.proofs, 1):
            yield self._say("proof") if number == 1 else self._say("another", number=number)
            yield from self._proof(proof, "", "")
        if it.near is not None:
            yield from self._near(it.near)

    def _say(self, key: str, **words: object) -> str:
        return say(key, self._language, **words)

    def _triple(self, triple: Triple) -> str:
        return " — ".join(self._name(term) for term in triple)

    def _name(self, term: Term) -> str:
        if term in self._lists:
            return f"( {' '.join(short(t, self._it.prefixes) for t in self._lists[term])} )"
        written = short(term, self._it.prefixes)
        if not isinstance(term, ox.NamedNode):
            return written
        label = label_of(self._it.labels.get(term.value, {}), self._language)
        return f"{label} [{written}]" if label else written

    def _iri(self, iri: str) -> str:
        return self._name(ox.NamedNode(iri)) if iri else ""

    def _proof(self, proof: Proof, here: str, below: str) -> Iterator[str]:
        yield here + self._triple(proof.triple)
        if proof.step is None:
            for statement in self._it.sources.get(proof.triple, ()):
                yield from self._statement(statement, below)
            return
        step = proof.step
        if step.is_projection:
            situations = ", ".join(map(self._name, step.situations))
            yield below + self._say(
                "by-projection", rule=step.rule, day=step.day, situations=situations
            )
        else:
            yield below + self._say("by-rule", rule=step.rule)
        premises = [inner for inner in proof.premises if not is_list_cell(inner.triple)]
        for inner in premises:
            last = inner is premises[-1]
            yield from self._proof(
                inner, below + ("└─ " if last else "├─ "), below + ("   " if last else "│  ")
            )

    def _statement(self, statement: Statement, indent: str) -> Iterator[str]:
        if statement.kind != "segment":
            said = self._say(
                statement.kind,
                **{
                    "document": self._iri(statement.document),
                    "graph": short(ox.NamedNode(statement.graph), self._it.prefixes),
                }
                if statement.kind in {"source", "graph"}
                else {},
            )
            yield f"{indent}· {said}"
            return
        document = label_of(self._it.labels.get(statement.document, {}), self._language)
        place = [document or statement.document, statement.locator]
        if statement.start is not None:
            place.append(self._say("characters", start=statement.start, end=statement.end))
        if statement.certainty:
            certainty = label_of(self._it.labels.get(statement.certainty, {}), self._language)
            place.append(certainty or statement.certainty)
        if statement.rejected:
            place.append(self._say("not-accepted"))
        yield f"{indent}· {', '.join(part for part in place if part)} <{statement.segment}>"
        if statement.graph in self._quoted:
            return
        self._quoted.add(statement.graph)
        if statement.exact:
            yield f"{indent}{_INDENT}«{statement.exact}»"
        translation = statement.translations.get(self._language)
        if translation and statement.language != self._language:
            yield f"{indent}{_INDENT}{self._say('translation')}: «{translation}»"

    def _dispute(self, dispute: Dispute) -> Iterator[str]:
        yield f"{self._say('disputed')} {self._iri(dispute.iri)}"
        for key, values in (("accepted", dispute.accepted), ("rejects", dispute.rejected)):
            if values:
                yield _INDENT + self._say(key, values=self._list(values))
        if dispute.judgement:
            yield _INDENT + self._iri(dispute.judgement)
        reason = label_of(dispute.reasons, self._language)
        if reason:
            yield _INDENT + reason

    def _near(self, near: Near) -> Iterator[str]:
        for term, alike in near.unknown:
            said = self._say("unknown", term=short(term, self._it.prefixes))
            hint = f"; {self._say('alike', terms=self._list(alike))}" if alike else ""
            yield said + hint
        if near.periods:
            told = [
                self._say("from-until", begin=begin, end=end)
                if end
                else self._say("from", begin=begin)
                for begin, end in near.periods
            ]
            yield self._say("on-days", periods="; ".join(told))
        for key, triples in (
            ("values", near.values),
            ("properties", near.properties),
            ("subjects", near.subjects),
        ):
            if triples:
                yield self._say(key)
                yield from (_INDENT + self._triple(triple) for triple in triples)
        for miss in near.almost:
            yield self._say("almost", rule=miss.step.rule)
            yield _INDENT + self._triple(miss.missing)

    def _list(self, terms: Sequence[Term]) -> str:
        return ", ".join(map(self._name, terms))


def _lists(proofs: Sequence[Proof]) -> dict[Term, list[Term]]:
    """The members of the lists whose cells are premises, by the list's node."""
    first: dict[Term, Term] = {}
    rest: dict[Term, Term] = {}
    stack = list(proofs)
    while stack:
        proof = stack.pop()
        s, p, o = proof.triple
        if is_list_cell(proof.triple):
            (first if p.value == str(RDF.first) else rest)[s] = o
        stack.extend(proof.premises)
    found: dict[Term, list[Term]] = {}
    for head in first.keys() - set(rest.values()):
        members, node = [], head
        while node in first:
            members.append(first[node])
            node = rest[node]
        found[head] = members
    return found
