"""What became of each query that was evaluated, told to the operator: one JSON line for each.

Owns the line. The query itself stands in it as a hash, equal for equal texts: a query may hold what
someone wants to know, which is theirs. The access log (``observe``) has the same request id, and
is written when the headers go out; this line when the last byte does. Answers from the cache are
in the access log only.
"""

from __future__ import annotations

import hashlib
import json
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from assembly_kg.engine.question import AskerGone
from assembly_kg.engine.spool import Spool
from assembly_kg.errors import KnowledgeGraphError
from assembly_kg.web.errors import problem_of

if TYPE_CHECKING:
    from assembly_kg.engine.question import Answer, Question

__all__ = ["ANSWERED", "CUT", "HUNG_UP", "Asked"]

ANSWERED: Final = "answered"
CUT: Final = "cut"
HUNG_UP: Final = "hung-up"


class Asked:
    """One query, from when it is asked.

    Args:
        environ: the request, which carries the log under ``assembly_kg.log`` if there is one.
        question: what is asked.
        release: of which release.
    """

    def __init__(self, environ: dict[str, Any], question: Question, release: str) -> None:
        self._write = environ.get("assembly_kg.log")
        self._identity = environ.get("assembly_kg.request_id", "")
        self._question = question
        self._release = release
        self._began = time.perf_counter()

    def ended(
        self, outcome: str, answer: Answer | None = None, error: BaseException | None = None
    ) -> None:
        """Write the line.

        Args:
            outcome: ``answered``, ``cut`` (it failed after its first byte) or ``hung-up``.
            answer: as far as there is one.
            error: why there is none, or only a part of one.
        """
        if self._write is None:
            return
        text = self._question.text.encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(text, digest_size=8).hexdigest()
        # Written out, since an encoder takes longer than all else here.
        line = (
            f'{{"time": {time.time():.3f}, "event": "query", "id": "{self._identity}", '
            f'"query": "{digest}", "task": "{self._question.task}", '
            f'"release": {_quoted(self._release)}, "outcome": "{outcome}", '
            f'"ms": {(time.perf_counter() - self._began) * 1000:.3f}'
        )
        if answer is not None:
            body = answer.body
            size, rows = (body.size, body.rows) if isinstance(body, Spool) else _measured(answer)
            counted = "null" if rows is None else rows
            line += f', "format": "{answer.head.format}", "bytes": {size}, "rows": {counted}'
        if isinstance(error, KnowledgeGraphError):
            problem = problem_of(error)
            line += ", " + json.dumps({"problem": problem.kind, **problem.more})[1:-1]
        self._write(line + "}\n")

    def failed(self, error: Exception) -> None:
        """Write the line of a query that got no answer."""
        self.ended(HUNG_UP if isinstance(error, AskerGone) else "refused", None, error)


def _measured(answer: Answer) -> tuple[int, int | None]:
    return answer.size, answer.rows


_quoted: Final = lru_cache(maxsize=64)(json.dumps)
