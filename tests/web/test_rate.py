"""How much one client may ask, and who one client is."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from assembly_kg.app import create_app
from assembly_kg.settings import Settings
from assembly_kg.web.rate import Rate, client_of

if TYPE_CHECKING:
    from pathlib import Path

    from assembly_kg.engine.inline import Inline


def test_a_client_may_ask_twice_its_rate_at_once_and_no_more() -> None:
    rate = Rate(per_second=0.001)
    assert [rate.allows("a") for _ in range(3)] == [True, False, False]
    assert rate.allows("b")
    assert all(Rate(per_second=0).allows("a") for _ in range(1000))
    rate = Rate(per_second=5)
    assert [rate.allows("a") for _ in range(12)].count(True) == 10


def test_all_processes_count_together_and_keep_no_address(tmp_path: Path) -> None:
    rates = [Rate(1, tmp_path), Rate(1, tmp_path)]
    assert [rates[n % 2].allows("192.0.2.1") for n in range(4)] == [True, True, False, False]
    assert rates[1].allows("192.0.2.2")
    [file] = tmp_path.iterdir()
    assert b"192.0.2" not in file.read_bytes()


@pytest.mark.parametrize(
    ("remote", "forwarded", "proxies", "client"),
    [
        ("192.0.2.1", "", 0, "192.0.2.1"),
        ("192.0.2.1", "203.0.113.9", 0, "192.0.2.1"),
        ("127.0.0.1", "203.0.113.9", 1, "203.0.113.9"),
        ("127.0.0.1", "6.6.6.6, 203.0.113.9", 1, "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9, 10.0.0.1", 2, "203.0.113.9"),
        ("127.0.0.1", "", 1, "127.0.0.1"),
        ("127.0.0.1", "nonsense", 1, "nonsense"),
        ("2001:db8:1:2:3:4:5:6", "", 0, "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "", 0, "2001:db8:1:2::/64"),
    ],
)
def test_a_client_is_an_address_or_a_household(
    remote: str, forwarded: str, proxies: int, client: str
) -> None:
    assert client_of(remote, forwarded, proxies) == client


def test_a_client_that_asks_too_much_is_told_to_wait_but_may_have_what_is_kept(
    engine: Inline,
) -> None:
    client = create_app(Settings(client_rate=1.0), engine).test_client()
    kept = "/sparql?query=" + quote("ASK { ?s ?p ?o }")
    assert client.get(kept).status_code == 200
    answers = [client.get(f"/sparql?query={quote(f'ASK {{}} # {n}')}") for n in range(3)]
    assert [answer.status_code for answer in answers] == [200, 429, 429]
    assert answers[-1].headers["Retry-After"]
    assert answers[-1].json["limit"] == "client_rate"
    assert client.get(kept).status_code == 200


def test_a_page_that_answers_a_query_counts_as_one(engine: Inline) -> None:
    client = create_app(Settings(client_rate=0.001), engine).test_client()
    paths = ["/sparql/table?query=" + quote(f"ASK {{}} # {n}") for n in range(2)]
    assert [client.get(path).status_code for path in paths] == [200, 429]
