"""owlrl in a process of its own, beside the build.

Owns that process: what it is given and gives back, and that it ends when nobody waits for it any
more, whether the build failed, was interrupted or killed. What owlrl concludes is
``assembly_kg.build.reason.reference``'s. Meanwhile the build goes on with the conclusions of our
own rules, which the reference must confirm before anything is published.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from assembly_kg.build.reason import reference
from assembly_kg.build.terms import from_triple, to_triple
from assembly_kg.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from assembly_kg.build.reason import Conclusions
    from assembly_kg.rules import Triple

__all__ = ["aside"]

_LOOK: Final = 0.25
_SAID: Final = 2000


@contextmanager
def aside(triples: Iterable[Triple]) -> Iterator[Callable[[], Conclusions]]:
    """Have owlrl begin with the triples; gives a function that waits for what it concludes.

    Raises:
        BuildError: by that function: the process failed.
    """
    with TemporaryFile() as given, TemporaryFile() as found, TemporaryFile() as said:
        ox.serialize(map(to_triple, triples), given, ox.RdfFormat.N_TRIPLES)
        given.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", __name__, str(os.getpid())],
            stdin=given,
            stdout=found,
            stderr=said,
            start_new_session=True,  # Ctrl-C is for the build, which ends this process itself.
        )

        def wait() -> Conclusions:
            if process.wait() != 0:
                said.seek(0)
                text = said.read()[-_SAID:].decode(errors="replace").strip()
                raise BuildError(f"owlrl ended with {process.returncode}; build again. {text}")
            found.seek(0)
            errors = json.loads(found.readline())
            quads = ox.parse(found.read(), ox.RdfFormat.N_TRIPLES)
            return {from_triple(quad.triple) for quad in quads}, errors

        try:
            yield wait
        finally:
            process.kill()
            process.wait()


def _end_with(parent: int) -> None:
    """End this process soon after its parent has."""
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(1)


def _main(parent: int) -> None:
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    quads = ox.parse(sys.stdin.buffer, ox.RdfFormat.N_TRIPLES)
    found, errors = reference([from_triple(quad.triple) for quad in quads])
    out = sys.stdout.buffer
    out.write(json.dumps(errors).encode() + b"\n")
    ox.serialize(map(to_triple, found), out, ox.RdfFormat.N_TRIPLES)


if __name__ == "__main__":
    _main(int(sys.argv[1]))
