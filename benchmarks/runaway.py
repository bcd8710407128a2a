"""What four clients with runaway queries cost everyone else, and whether the server recovers.

Run by hand: ``python benchmarks/runaway.py [--seconds 60] [--rounds 2] [--release FOLDER]``.
Starts a server with its default limits; asks it different look-ups without a pause, first quietly,
then while four clients send queries that never end, sort without bound or walk paths without end.
Prints the percentiles of the look-ups, what the runaway queries were answered, and the memory of
all processes of the server together (the sum of PSS, so that shared pages count once): before,
after the quiet minute, and after each round and a rest. The cache of answers is off, as its filling
would hide what runaway queries leave behind.
"""

# ruff: noqa: E402 -- see below
from __future__ import annotations

import sys

# Run as a script, http.py beside it would stand where the standard library's is looked for.
sys.path = [entry for entry in sys.path if not entry.endswith("benchmarks")]

import argparse
import http.client
import itertools
import os
import re
import signal
import statistics
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).parents[1]
CLIENTS = 4
LISTS = " ".join(f"VALUES ?v{n} {{ {' '.join(map(str, range(20)))} }}" for n in range(10))
RUNAWAY = (
    f"SELECT (COUNT(*) AS ?n) {{ {LISTS} }}",
    f"SELECT * {{ {LISTS} }} ORDER BY ?v3",
    f"SELECT DISTINCT ?v0 ?v1 ?v2 ?v3 ?v4 ?v5 {{ {LISTS} }}",
    "SELECT (COUNT(*) AS ?n) { ?a (!<a:a>)* ?b . ?b (!<a:a>)* ?c }",
    "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(REGEX(?c, ?f) && REGEX(?f, ?i)) }",
    f"SELECT * {{ {LISTS} }}",
)
REST = 5.0
NUMBERS = itertools.count()


def ask(connection: http.client.HTTPConnection, text: str) -> tuple[int, bytes]:
    """Send a query; the status, and what could be read of the body."""
    path = "/sparql?" + urlencode({"query": f"{text} # {next(NUMBERS)}"})
    connection.request("GET", path, headers={"Accept": "text/csv"})
    answer = connection.getresponse()
    return answer.status, answer.read()


def subjects(port: int) -> list[str]:
    """Things to look up."""
    text = "SELECT DISTINCT ?s { ?s a ?type FILTER(ISIRI(?s)) } LIMIT 2000"
    _, body = ask(http.client.HTTPConnection("127.0.0.1", port), text)
    return body.decode().split("\r\n")[1:-1]


def look_up(port: int, things: list[str], seconds: float) -> list[float]:
    """Milliseconds that each of many look-ups took, one after another."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    took = []
    until = time.monotonic() + seconds
    for thing in itertools.cycle(things):
        begin = time.perf_counter()
        status, _ = ask(connection, f"SELECT ?p ?o {{ <{thing}> ?p ?o }}")
        took.append((time.perf_counter() - begin) * 1000)
        if status != http.client.OK:
            raise SystemExit(f"a look-up was answered {status}")
        if time.monotonic() > until:
            break
    return took


def run_away(port: int, stop: threading.Event, seen: Counter[str], number: int) -> None:
    """Send one runaway query after another."""
    for text in itertools.cycle(RUNAWAY[number:] + RUNAWAY[:number]):
        if stop.is_set():
            return
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        try:
            status, _ = ask(connection, text)
            seen[str(status)] += 1
        except http.client.IncompleteRead:
            seen["cut"] += 1
        finally:
            connection.close()


def told(took: list[float]) -> str:
    """Percentiles as a line."""
    cuts = statistics.quantiles(took, n=100)
    return f"{len(took):6} look-ups, p50 {cuts[49]:7.2f} ms, p99 {cuts[98]:7.2f} ms"


def memory(parent: int) -> float:
    """MiB of a process and all below it, shared pages counted once."""
    below = {parent}
    while True:
        more = {pid for pid, above in _parents() if above in below} - below
        if not more:
            break
        below |= more
    total = 0
    for pid in below:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        except OSError:
            continue
        total += sum(map(int, re.findall(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)))
    return total / 1024


def _parents() -> list[tuple[int, int]]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            except OSError:
                continue
            found.append((int(entry.name), int(fields[1])))
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--release", type=Path, default=ROOT / "releases" / "current")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    command = [sys.executable, "-m", "assembly_kg", "serve", "--port", "0"]
    server = subprocess.Popen(
        [*command, "--release", str(given.release.resolve())],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"ASSEMBLY_KG_CLIENT_RATE": "0", "ASSEMBLY_KG_CACHE_BYTES": "0"},
    )
    try:
        if server.stderr is None:
            raise AssertionError
        found = re.search(r":(\d+)/sparql", server.stderr.readline())
        if found is None:
            raise SystemExit("the server did not start")
        measure(server.pid, int(found[1]), given.seconds, given.rounds)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def measure(pid: int, port: int, seconds: float, rounds: int) -> None:
    """One quiet stretch, then the rounds."""
    time.sleep(REST)
    print(f"memory at the start       {memory(pid):7.1f} MiB")
    things = subjects(port)
    quiet = look_up(port, things, seconds)
    print(f"quiet                     {told(quiet)}")
    time.sleep(REST)
    before = memory(pid)
    print(f"memory after that         {before:7.1f} MiB")
    for number in range(1, rounds + 1):
        stop, seen = threading.Event(), Counter[str]()
        clients = [
            threading.Thread(target=run_away, args=(port, stop, seen, n)) for n in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        time.sleep(1)
        loud = look_up(port, things, seconds)
        peak = memory(pid)
        stop.set()
        for client in clients:
            client.join()
        ratio = statistics.quantiles(loud, n=100)[98] / statistics.quantiles(quiet, n=100)[98]
        print(f"round {number}, {CLIENTS} runaway clients {told(loud)}: p99 {ratio:.1f} x quiet")
        print(f"  they were answered      {dict(seen)}")
        time.sleep(REST)
        after = memory(pid)
        print(f"  memory then / after     {peak:7.1f} / {after:.1f} MiB ({after - before:+.1f})")


if __name__ == "__main__":
    main()
