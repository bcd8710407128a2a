"""One step of a proof, as rules and projections give it.

Owns its shape alone; who finds steps is ``proofs`` and ``projected``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assembly_kg.engine.world import Term, Triple

__all__ = ["Step"]


@dataclass(frozen=True)
class Step:
    """One application of a rule.

    Attributes:
        rule: its name in the recommendation, or the name of the projection rule.
        premises: the triples that it was applied to, in the rule's order.
        day: for a projection: the day for which it was made.
        situations: for a projection: the situations that gave the triple.
    """

    rule: str
    premises: tuple[Triple, ...]
    day: str | None = None
    situations: tuple[Term, ...] = ()

    @property
    def is_projection(self) -> bool:
        """Whether a projection rule was applied, not one of OWL 2 RL."""
        return self.day is not None
