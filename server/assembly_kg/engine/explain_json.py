"""An explanation as JSON.

Owns the members' names. Terms are written as in SPARQL 1.1 Query Results JSON, section 3.2.2
(https://www.w3.org/TR/sparql11-results-json/#select-encode-terms), and ``labels`` has the names of
everything that is mentioned, so that a reader needs nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assembly_kg.engine.evidence import Dispute, Statement
    from assembly_kg.engine.explain import Explanation
    from assembly_kg.engine.near import Near
    from assembly_kg.engine.proofs import Proof
    from assembly_kg.engine.world import Term, Triple

__all__ = ["explanation_document", "proof_document", "statement_document", "term", "triple"]

_STRING = "http://www.w3.org/2001/XMLSchema#string"


def explanation_document(explanation: Explanation) -> dict[str, Any]:
    """The explanation as the object of a JSON text."""
    return {
        "triple": triple(explanation.triple),
        "asOf": explanation.day,
        "verdict": explanation.verdict,
        "statements": [statement_document(one) for one in explanation.statements],
        "disputes": [_dispute(one) for one in explanation.disputes],
        "proofs": [proof_document(one, explanation.sources) for one in explanation.proofs],
        "near": None if explanation.near is None else _near(explanation.near),
        "labels": explanation.labels,
    }


def proof_document(proof: Proof, sources: Mapping[Triple, tuple[Statement, ...]]) -> dict[str, Any]:
    """A proof: the triple, and either who states it or the rule with the proofs of its premises."""
    told: dict[str, Any] = {"triple": triple(proof.triple)}
    if proof.step is None:
        said = sources.get(proof.triple, ())
        return {**told, "statements": [statement_document(one) for one in said]}
    told |= {"rule": proof.step.rule, "projection": proof.step.is_projection, "size": proof.size}
    if proof.step.is_projection:
        told |= {"day": proof.step.day, "situations": [term(t) for t in proof.step.situations]}
    return {**told, "premises": [proof_document(inner, sources) for inner in proof.premises]}


def statement_document(statement: Statement) -> dict[str, Any]:
    """A graph that states something, with the words of its segment."""
    told: dict[str, Any] = {"graph": statement.graph, "kind": statement.kind}
    if statement.kind != "segment":
        return told
    told |= {
        "rejected": statement.rejected,
        "segment": statement.segment,
        "document": statement.document,
        "locator": statement.locator,
        "exact": statement.exact,
        "language": statement.language,
        "translations": dict(statement.translations),
        "certainty": statement.certainty,
    }
    if statement.start is not None:
        told |= {"start": statement.start, "end": statement.end}
    return told


def triple(value: Triple) -> dict[str, Any]:
    """A triple as three terms."""
    return dict(zip(("subject", "predicate", "object"), map(term, value), strict=True))


def term(value: Term) -> dict[str, Any]:
    """A term as in SPARQL's JSON results."""
    if isinstance(value, ox.NamedNode):
        return {"type": "uri", "value": value.value}
    if isinstance(value, ox.BlankNode):
        return {"type": "bnode", "value": value.value}
    if isinstance(value, ox.Triple):
        return {
            "type": "triple",
            "value": triple((value.subject, value.predicate, value.object)),
        }
    told = {"type": "literal", "value": value.value}
    if value.language:
        told["xml:lang"] = value.language
    elif value.datatype.value != _STRING:
        told["datatype"] = value.datatype.value
    return told


def _dispute(dispute: Dispute) -> dict[str, Any]:
    return {
        "dispute": dispute.iri,
        "accepted": [term(value) for value in dispute.accepted],
        "acceptedBy": list(dispute.accepted_by),
        "rejected": [term(value) for value in dispute.rejected],
        "rejectedBy": list(dispute.rejected_by),
        "judgement": dispute.judgement,
        "reasons": dict(dispute.reasons),
    }


def _near(near: Near) -> dict[str, Any]:
    return {
        "unknown": [
            {"term": term(unknown), "alike": [term(one) for one in alike]}
            for unknown, alike in near.unknown
        ],
        "periods": [{"from": begin, "until": end} for begin, end in near.periods],
        "sameSubjectAndPredicate": [triple(one) for one in near.values],
        "sameSubjectAndObject": [triple(one) for one in near.properties],
        "samePredicateAndObject": [triple(one) for one in near.subjects],
        "almost": [
            {
                "rule": miss.step.rule,
                "premises": [triple(one) for one in miss.step.premises if one != miss.missing],
                "missing": triple(miss.missing),
            }
            for miss in near.almost
        ],
    }
