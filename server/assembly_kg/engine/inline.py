"""Questions answered in the calling process: for the command line, where the process is the bound.

Owns nothing but the sink. Deadline and memory are not kept here: what serves strangers uses
``pool`` and ``client``.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from assembly_kg.engine.evaluate import Evaluator
from assembly_kg.engine.question import Answer, Head, Limits, Question

if TYPE_CHECKING:
    import pyoxigraph

    from assembly_kg.engine.catalogue import Catalogue
    from assembly_kg.engine.scan import Outline

__all__ = ["Inline", "Memory"]


class Memory(io.BytesIO):
    """A sink that keeps the answer."""

    head: Head | None = None

    def begin(self, head: Head) -> None:
        """Keep the head."""
        self.head = head


class Inline:
    """An engine over a store of this process."""

    def __init__(self, store: pyoxigraph.Store, catalogue: Catalogue, limits: Limits) -> None:
        self._catalogue = catalogue
        self._evaluator = Evaluator(store, catalogue, limits)

    def catalogue(self) -> Catalogue:
        """What the store holds."""
        return self._catalogue

    def generation(self) -> str:
        """One name: the store of this process never changes."""
        return self._catalogue.release

    def answer(
        self,
        question: Question,
        timeout: float | None = None,  # noqa: ARG002 -- the caller's process is the bound
        hung_up: object = None,  # noqa: ARG002
        outline: Outline | None = None,
    ) -> Answer:
        """Answer a question; see ``Engine``, and for ``outline`` ``Evaluator``."""
        sink = Memory()
        rows = self._evaluator.answer(question, sink, outline)
        if sink.head is None:
            raise AssertionError("an answer without a head")
        body = sink.getvalue()
        return Answer(sink.head, body, len(body), rows)
