"""Bodies of requests that come slowly: only so many are awaited, and none for ever."""

from __future__ import annotations

import socket
import sys
from contextlib import ExitStack

import pytest

from assembly_kg.web.bodies import MOST, Bodies
from assembly_kg.web.errors import ProblemError


def asked_by(client: str) -> dict[str, str]:
    return {"REMOTE_ADDR": f"{client}.connection", "assembly_kg.client": client}


def test_only_so_many_are_awaited_and_half_of_them_for_one_client() -> None:
    bodies = Bodies()
    with ExitStack() as awaited:
        for client in ("one", "two"):
            for _ in range(MOST // 2):
                awaited.enter_context(bodies.awaiting(asked_by(client)))
            with pytest.raises(ProblemError) as refused, bodies.awaiting(asked_by(client)):
                pass
            assert refused.value.problem.more == {"limit": "bodies", "value": MOST}
        with pytest.raises(ProblemError), bodies.awaiting(asked_by("three")):
            pass
    with bodies.awaiting(asked_by("three")):
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells of connections")
def test_one_that_does_not_end_has_its_connection_cut_and_no_other_has() -> None:
    bodies = Bodies(patience=0.1)
    with socket.create_server(("127.0.0.1", 0)) as listener, ExitStack() as opened:
        ends = {}
        for address in ("127.64.9.1", "127.64.9.2"):
            source = (address, 0)
            client = socket.create_connection(listener.getsockname(), source_address=source)
            ends[address] = (
                opened.enter_context(client),
                opened.enter_context(listener.accept()[0]),
            )
        asked = {"REMOTE_ADDR": "127.64.9.1", "assembly_kg.client": "198.51.100.7"}
        for client, server in ends.values():
            client.settimeout(20)
            server.settimeout(20)
        with bodies.awaiting(asked):
            assert ends["127.64.9.1"][1].recv(1) == b""
        ends["127.64.9.2"][0].sendall(b"x")
        assert ends["127.64.9.2"][1].recv(1) == b"x"
