"""Side by side: this server and its peers over HTTP, the same data, the same queries.

Run by hand: ``python benchmarks/http.py [--data 15k,release,1m] [--seconds 5] [--rounds 3]``.
Needs wrk (Debian: wrk). Peers are had from PyPI, in an environment of their own that is thrown
away, and from Debian (virtuoso-opensource, used if it is installed); what is missing is left out
and said. Systems take turns within each round, so that a busy machine is busy for all of them;
what counts are the ratios of one run, and the medians over its rounds.

Modes: *repeated* cycles through a few hundred queries; *unseen* gives every request a text that
was never sent before (other constants and a running number in a comment). Mixes: *mix* is every
shape below in turn, *look-up* is the first alone.
"""

# ruff: noqa: E402 -- see below
from __future__ import annotations

import sys

# Run as a script, this file would stand where the standard library's ``http`` is looked for.
sys.path = [entry for entry in sys.path if not entry.endswith("benchmarks")]

import argparse
import json
import os
import platform
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
import venv
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[1]
NS = "https://w3id.org/assembly-kz/ontology#"
ID = "https://example.org/id/"
TRIPLE = 4  # words of a line of N-Quads that is in no named graph, at least
QUIET = 0.5
SEGMENT = "https://example.org/source/"
PREFIXES = (
    f"PREFIX akz: <{NS}> PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
    "PREFIX org: <http://www.w3.org/ns/org#> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
)
# %B is a body, %H an office holding, %D a day, %N a number up to 50.
SHAPES = {
    "look-up": "SELECT ?p ?o { <%B> ?p ?o }",
    "label": 'SELECT ?name { <%B> skos:prefLabel ?name FILTER(LANG(?name) = "kk") }',
    "describe": "DESCRIBE <%H>",
    "construct": "CONSTRUCT { <%B> skos:prefLabel ?l } WHERE { <%B> skos:prefLabel ?l }",
    "incoming": "SELECT ?s ?p { ?s ?p <%B> } LIMIT 50",
    "ask": "ASK { <%H> akz:holder ?x . ?x skos:prefLabel ?l }",
    "join": "SELECT ?name ?from { ?h akz:heldPost ?post ; akz:holder ?who ; akz:validFrom ?from . "
    "?post akz:postIn <%B> . ?who skos:prefLabel ?name }",
    "optional": "SELECT ?h ?from ?until { ?h akz:heldPost/akz:postIn <%B> ; akz:validFrom ?from "
    "OPTIONAL { ?h akz:validUntil ?until } }",
    "union": "SELECT ?x { { <%B> akz:hasDirectPart ?x } UNION { ?x akz:hasDirectPart <%B> } }",
    "path": "SELECT ?part { <%B> akz:hasDirectPart+ ?part } LIMIT 100",
    "provenance": "SELECT ?segment ?words { GRAPH ?segment { <%H> akz:validFrom ?day } "
    "OPTIONAL { ?segment akz:workingTranslation ?words } }",
    "in force": "SELECT ?h { ?h a akz:OfficeHolding ; akz:validFrom ?from "
    'FILTER(?from = "%D"^^xsd:date) } LIMIT 20',
    "first names": "SELECT ?b ?l { ?b a akz:Body ; skos:prefLabel ?l } LIMIT %N",
    "values": "SELECT ?b ?l { VALUES ?b { <%B> <%B> <%B> } ?b skos:prefLabel ?l }",
    "counted": "SELECT ?p (COUNT(*) AS ?n) { <%B> ?p ?o } GROUP BY ?p ORDER BY DESC(?n)",
}
REFERENCE = "oxigraph memory"


# The data


@dataclass(frozen=True)
class Data:
    """A dataset on disk and the names that queries are filled with."""

    name: str
    nquads: Path
    union: Path  # the same without the default graph, for servers that make it a union
    bodies: list[str]
    holdings: list[str]


def generated(name: str, quads: int, folder: Path) -> Data:
    """Bodies in a tree, posts, holders and holdings, each fact in the graph of its sentence.

    One body with its posts comes to about 65 quads, the merged default graph included.
    """
    file, union = folder / f"{name}.nq", folder / f"{name}-union.nq"
    chance = random.Random(7)
    bodies, holdings = [], []
    label = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
    a = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    with file.open("w", encoding="utf-8") as all_, union.open("w", encoding="utf-8") as named:

        def fact(s: str, p: str, o: str, graph: str) -> None:
            all_.write(f"{s} {p} {o} .\n{s} {p} {o} <{graph}> .\n")
            named.write(f"{s} {p} {o} <{graph}> .\n")

        for number in range(max(1, quads // 65)):
            body = f"{ID}bodies/body-{number}"
            graph = f"{SEGMENT}law/s{number}"
            bodies.append(body)
            b = f"<{body}>"
            fact(b, a, f"<{NS}Body>", graph)
            for language, word in (("kk", "Орган"), ("ru", "Орган"), ("en", "Body")):
                fact(b, label, f'"{word} {number}"@{language}', graph)
            if number:
                fact(f"<{ID}bodies/body-{(number - 1) // 5}>", f"<{NS}hasDirectPart>", b, graph)
            fact(f"<{graph}>", a, f"<{NS}Segment>", f"{SEGMENT}law")
            text = '"What the sentence says about the body and its posts."@en'
            fact(f"<{graph}>", f"<{NS}workingTranslation>", text, f"{SEGMENT}law")
            for post_number in range(4):
                post = f"<{ID}people/post-{number}-{post_number}>"
                holding = f"{ID}people/holding-{number}-{post_number}"
                person = f"<{ID}people/person-{chance.randrange(max(1, quads // 300))}>"
                holdings.append(holding)
                h = f"<{holding}>"
                day = f"{chance.randrange(1995, 2026)}-{chance.randrange(1, 13):02}-01"
                until = f"{int(day[:4]) + 2}{day[4:]}"
                date = "^^<http://www.w3.org/2001/XMLSchema#date>"
                fact(post, f"<{NS}postIn>", b, graph)
                fact(h, a, f"<{NS}OfficeHolding>", graph)
                fact(h, f"<{NS}heldPost>", post, graph)
                fact(h, f"<{NS}holder>", person, graph)
                fact(h, f"<{NS}validFrom>", f'"{day}"{date}', graph)
                if post_number:
                    fact(h, f"<{NS}validUntil>", f'"{until}"{date}', graph)
                if post_number == 0:
                    fact(person, label, f'"Адам {number}"@kk', graph)
    return Data(name, file, union, bodies, holdings)


def released(folder: Path) -> Data:
    """This repository's own current release."""
    source = ROOT / "releases" / "current" / "dataset.nq"
    union = folder / "release-union.nq"
    named = re.compile(r"> \.$")
    with source.open(encoding="utf-8") as lines, union.open("w", encoding="utf-8") as out:
        out.writelines(line for line in lines if len(line.split()) > TRIPLE and named.search(line))
    ids = re.compile(r"<(https://w3id\.org/assembly-kz/id/(bodies|people)/[^>]+)>")
    found: dict[str, set[str]] = {"bodies": set(), "people": set()}
    for match in ids.finditer(source.read_text(encoding="utf-8")):
        found[match[2]].add(match[1])
    holdings = [iri for iri in sorted(found["people"]) if "/holding-" in iri]
    return Data("release", source, union, sorted(found["bodies"]), holdings)


# The queries


def paths(data: Data, shapes: list[str], count: int, endpoint: str) -> list[str]:
    """So many request paths, the shapes in turn, filled at random but always alike."""
    chance = random.Random(11)
    fill = {
        "%B": lambda: chance.choice(data.bodies),
        "%H": lambda: chance.choice(data.holdings),
        "%D": lambda: f"{chance.randrange(1995, 2026)}-{chance.randrange(1, 13):02}-01",
        "%N": lambda: str(chance.randrange(10, 51)),
    }
    made = []
    for number in range(count):
        text = SHAPES[shapes[number % len(shapes)]]
        text = re.sub("%[BHDN]", lambda match: fill[match.group()](), text)
        made.append(f"{endpoint}?query={quote(PREFIXES + text)}")
    return made


LUA = """
local paths = {}
for line in io.lines("%(file)s") do paths[#paths + 1] = line end
local unseen = %(unseen)s
local at, number = 0, 0
local thread = 0
function setup(t) t:set("id", thread) thread = thread + 1 end
function init() at = (id * 7919) %% #paths number = os.time() * 1000 + id end
function request()
  at = at %% #paths + 1
  local path = paths[at]
  if unseen then number = number + 1000 path = path .. "%%20%%23" .. %(salt)d .. "-" .. number end
  return wrk.format("GET", path, {["Accept"] = "application/sparql-results+json, text/turtle"})
end
"""


@dataclass(frozen=True)
class Measure:
    """One run of wrk: answers a second, milliseconds at the median and the 99th percentile."""

    rate: float
    p50: float
    p99: float
    failed: int


def measure(port: int, file: Path, connections: int, seconds: int, *, unseen: bool) -> Measure:
    """One run of wrk against a port, over the request paths in a file."""
    salt = random.SystemRandom().randrange(10**6)
    values = {"file": file, "unseen": str(unseen).lower(), "salt": salt}
    script = file.with_suffix(".lua")
    script.write_text(LUA % values, encoding="utf-8")
    threads = min(2, connections)
    done = subprocess.run(
        [
            *("wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--latency"),
            *("--timeout", "30s", "-s", str(script), f"http://127.0.0.1:{port}"),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    said = done.stdout
    failed = sum(
        int(number)
        for pattern in (r"Non-2xx or 3xx responses: (\d+)", r"timeout (\d+)", r"read (\d+)")
        for number in re.findall(pattern, said)
    )
    return Measure(
        float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]),  # type: ignore[index]
        milliseconds(said, "50%"),
        milliseconds(said, "99%"),
        failed,
    )


def milliseconds(said: str, percentile: str) -> float:
    """A percentile of wrk's latency distribution."""
    match = re.search(rf"{percentile}\s+([\d.]+)(us|ms|s|m)", said)
    assert match, said
    return float(match[1]) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[match[2]]


# The systems


@dataclass(frozen=True)
class System:
    """One server: how to start it over some data, and where its endpoint is."""

    name: str
    endpoint: str
    start: Callable[[Data, int, Path], contextmanager]  # type: ignore[type-arg]
    largest: int = 10**9


@contextmanager
def process(
    command: list[str], port: int, path: str, log: Path, patience: int = 300
) -> Iterator[int]:
    """A server from its start to its end; yields its process id once it answers."""
    with log.open("w", encoding="utf-8") as output:
        child = subprocess.Popen(
            command, stdout=output, stderr=output, start_new_session=True, cwd=log.parent
        )
        try:
            until = time.monotonic() + patience
            while not answers(port, path):
                if child.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"{command[0]} did not start:\n{log.read_text()[-2000:]}")
                time.sleep(0.2)
            yield child.pid
        finally:
            os.killpg(child.pid, signal.SIGTERM)
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)


def answers(port: int, path: str) -> bool:
    """Whether an endpoint answers that it has data."""
    try:
        url = f"http://127.0.0.1:{port}{path}?query={quote('ASK { ?s ?p ?o }')}"
        with urllib.request.urlopen(url, timeout=5) as answer:
            return b"true" in answer.read().lower()
    except OSError:
        return False


def ours(data: Data, port: int, folder: Path) -> contextmanager:  # type: ignore[type-arg]
    """This server over some data, with all its limits; but the load is that of many clients."""
    command = [sys.executable, "-m", "assembly_kg", "serve", "--port", str(port)]
    command += ["--client-rate", "1000000"]
    return process([*command, "--data", str(data.nquads)], port, "/sparql", folder / "ours.log")


def peers(bin_: Path) -> list[System]:
    """The systems from PyPI, whose programs are in a folder."""
    oxigraph = str(bin_ / "oxigraph")

    def stored(data: Data, folder: Path) -> Path:
        place = folder / f"oxigraph-{data.name}"
        if not place.exists():
            load = [oxigraph, "load", "--location", str(place), "--file", str(data.union)]
            subprocess.run(load, check=True, capture_output=True)
        return place

    @contextmanager
    def memory(data: Data, port: int, folder: Path) -> Iterator[int]:
        command = [oxigraph, "serve", "--bind", f"127.0.0.1:{port}", "--union-default-graph"]
        with process_empty(command, port, folder / "oxigraph-memory.log") as pid:
            url = f"http://127.0.0.1:{port}/store"
            request = urllib.request.Request(
                url,
                data=data.union.read_bytes(),
                headers={"Content-Type": "application/n-quads"},
                method="POST",
            )
            with urllib.request.urlopen(request, timeout=600):
                pass
            yield pid

    def read_only(data: Data, port: int, folder: Path) -> contextmanager:  # type: ignore[type-arg]
        command = [oxigraph, "serve-read-only", "--location", str(stored(data, folder))]
        command += ["--bind", f"127.0.0.1:{port}", "--union-default-graph"]
        return process(command, port, "/query", folder / "oxigraph-disk.log")

    def rdflib_endpoint(data: Data, port: int, folder: Path) -> contextmanager:  # type: ignore[type-arg]
        command = [str(bin_ / "rdflib-endpoint"), "serve", "--host", "127.0.0.1"]
        command += ["--port", str(port), str(data.union)]
        return process(command, port, "/", folder / "rdflib-endpoint.log")

    return [
        System("oxigraph memory", "/query", memory),
        System("oxigraph disk", "/query", read_only),
        System("rdflib-endpoint", "/", rdflib_endpoint, largest=200_000),
    ]


@contextmanager
def process_empty(command: list[str], port: int, log: Path) -> Iterator[int]:
    """Like ``process`` for a server that starts without data."""
    with log.open("w", encoding="utf-8") as output:
        child = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
        try:
            until = time.monotonic() + 30
            while not listening(port):
                if child.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"{command[0]} did not start:\n{log.read_text()[-2000:]}")
                time.sleep(0.1)
            yield child.pid
        finally:
            os.killpg(child.pid, signal.SIGTERM)
            child.wait(20)


def listening(port: int) -> bool:
    """Whether a port takes connections."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


VIRTUOSO = """[Database]
DatabaseFile = {place}/virtuoso.db
ErrorLogFile = {place}/virtuoso.log
LockFile = {place}/virtuoso.lck
TransactionFile = {place}/virtuoso.trx
xa_persistent_file = {place}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {place}/temp.db
TransactionFile = {place}/temp.trx
[Parameters]
ServerPort = {sql}
ServerThreads = 80
NumberOfBuffers = 340000
MaxDirtyBuffers = 250000
DirsAllowed = {folder}, {place}
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerThreads = 80
MaxClientConnections = 80
[SPARQL]
ResultSetMaxRows = 1000000
"""


def virtuoso(data: Data, port: int, folder: Path) -> contextmanager:  # type: ignore[type-arg]
    """Virtuoso over some data."""

    @contextmanager
    def run() -> Iterator[int]:
        place = Path(tempfile.mkdtemp(prefix="virtuoso-", dir=folder))
        sql = free_port()
        values = {"place": place, "folder": folder, "port": port, "sql": sql}
        configuration = place / "virtuoso.ini"
        configuration.write_text(VIRTUOSO.format(**values), encoding="utf-8")
        command = ["virtuoso-t", "+foreground", "+configfile", str(configuration)]
        with process_empty(command, port, folder / "virtuoso.log") as pid:
            load = (
                f"DB.DBA.TTLP_MT(file_to_string_output('{data.union}'), '', 'urn:none', 512);"
                "checkpoint;"
            )
            isql = ["isql-vt", f"127.0.0.1:{sql}", "dba", "dba", f"exec={load}"]
            subprocess.run(isql, check=True, capture_output=True, timeout=1200)
            yield pid

    return run()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def all_systems(folder: Path, environment: Path | None) -> list[System]:
    """This server and every peer that is to be had."""
    found = [System("assembly-kg", "/sparql", ours)]
    if environment is None:
        environment = folder / "peers"
        print("making an environment for the peers …", flush=True)
        venv.create(environment, with_pip=True)
        pip = [str(environment / "bin" / "pip"), "install", "--quiet"]
        subprocess.run([*pip, "oxigraph", "rdflib-endpoint", "uvicorn"], check=True)
    found += peers(environment / "bin")
    if shutil.which("virtuoso-t"):
        found.append(System("virtuoso", "/sparql", virtuoso))
    else:
        print("left out: virtuoso (apt-get install virtuoso-opensource)")
    return found


# The run


def resident(pid: int) -> float:
    """MiB of memory that a process and everything below it holds, shared pages counted once."""
    total = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (entry / "smaps_rollup").exists():
            try:
                if os.getsid(int(entry.name)) == pid:
                    said = (entry / "smaps_rollup").read_text(encoding="ascii")
                    total += int(re.search(r"^Pss:\s+(\d+)", said, re.MULTILINE)[1])  # type: ignore[index]
            except (OSError, TypeError):
                continue
    return total / 1024


Key = tuple[str, str, str, int]


def run(
    data: Data, systems: list[System], options: argparse.Namespace, folder: Path
) -> dict[Key, list[Measure]]:
    """Measure all systems over some data, taking turns."""
    results: dict[Key, list[Measure]] = {}
    with ExitStack() as stack:
        running: dict[str, int] = {}
        files: dict[tuple[str, str], Path] = {}
        for system in systems:
            port = free_port()
            try:
                pid = stack.enter_context(system.start(data, port, folder))
            except (RuntimeError, OSError, subprocess.SubprocessError) as error:
                print(f"left out: {system.name}: {str(error)[:500]}")
                continue
            running[system.name] = port
            print(f"  {system.name}: {resident(pid):,.0f} MiB", flush=True)
            for mix, shapes in (("mix", list(SHAPES)), ("look-up", ["look-up"])):
                for mode, count in (("repeated", 300), ("unseen", 6000)):
                    file = folder / f"{data.name}-{system.name.replace(' ', '-')}-{mix}-{mode}.txt"
                    made = paths(data, shapes, count, system.endpoint)
                    file.write_text("\n".join(made) + "\n", encoding="utf-8")
                    files[system.name, f"{mix} {mode}"] = file
        for round_ in range(options.rounds):
            for what in options.modes.split(","):
                for connections in map(int, options.connections.split(",")):
                    for name, port in running.items():
                        found = measure(
                            port,
                            files[name, what],
                            connections,
                            options.seconds,
                            unseen=what.endswith("unseen"),
                        )
                        key = (data.name, what, name, connections)
                        results.setdefault(key, []).append(found)
            print(f"  round {round_ + 1} of {options.rounds}", flush=True)
    return results


LISTS = " ".join(f"VALUES ?v{n} {{ {' '.join(map(str, range(20)))} }}" for n in range(10))
RUNAWAYS = [
    f"SELECT (COUNT(*) AS ?n) {{ {LISTS} }}",
    f"SELECT * {{ {LISTS} }} ORDER BY ?v9",
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
    f"SELECT DISTINCT ?v0 ?v1 ?v2 ?v3 ?v4 ?v5 {{ {LISTS} }}",
]


def runaway(data: Data, folder: Path, seconds: int) -> None:
    """What four clients that send runaway queries do to the look-ups of others, and to memory."""
    port = free_port()
    with ours(data, port, folder) as pid:
        file = folder / "look-up.txt"
        made = paths(data, ["look-up"], 6000, "/sparql")
        file.write_text("\n".join(made) + "\n", encoding="utf-8")
        measure(port, file, 4, 3, unseen=True)
        before = resident(pid)
        quiet = measure(port, file, 4, 15, unseen=True)
        stop = threading.Event()
        statuses: Counter[int] = Counter()

        def attack(text: str) -> None:
            while not stop.is_set():
                number = time.monotonic_ns()
                url = f"http://127.0.0.1:{port}/sparql?query={quote(text + f' # {number}')}"
                try:
                    with urllib.request.urlopen(url, timeout=120) as answer:
                        answer.read()
                        statuses[answer.status] += 1
                except urllib.error.HTTPError as error:
                    statuses[error.code] += 1

        threads = [threading.Thread(target=attack, args=(text,)) for text in RUNAWAYS]
        for thread in threads:
            thread.start()
        busy = measure(port, file, 4, seconds, unseen=True)
        stop.set()
        for thread in threads:
            thread.join()
        time.sleep(2)
        after = resident(pid)
    print(
        f"\nlook-ups: quiet p50 {quiet.p50:.2f} p99 {quiet.p99:.2f} ms; "
        f"beside four runaways p50 {busy.p50:.2f} p99 {busy.p99:.2f} ms; "
        f"p99 ratio {busy.p99 / quiet.p99:.1f}; failed {busy.failed}"
    )
    print(f"runaways were answered {dict(statuses)}")
    print(f"memory of all processes: {before:.0f} MiB before, {after:.0f} MiB after")


def report(results: dict[Key, list[Measure]]) -> None:
    """A table for each dataset and mode: medians, and ratios to Oxigraph in memory."""
    groups = dict.fromkeys((data, what) for data, what, _, _ in results)
    for data, what in groups:
        print(f"\n### {data}, {what}\n")
        print("| system | connections | answers/s | p50 ms | p99 ms | failed | ratio | p99 ratio |")
        print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
        chosen = [key for key in results if key[:2] == (data, what)]
        for key in sorted(chosen, key=lambda key: key[3]):
            rates, p50, p99, failed = (
                statistics.median(getattr(m, field) for m in results[key])
                for field in ("rate", "p50", "p99", "failed")
            )
            peer = results.get((data, what, REFERENCE, key[3]))
            ratio = ratio99 = float("nan")
            if peer:
                ratio = statistics.median(
                    mine.rate / theirs.rate for mine, theirs in zip(results[key], peer, strict=True)
                )
                ratio99 = p99 / statistics.median(m.p99 for m in peer)
            print(
                f"| {key[2]} | {key[3]} | {rates:,.0f} | {p50:.2f} | {p99:.2f} | {failed:.0f} "
                f"| {ratio:.2f} | {ratio99:.2f} |"
            )


def main() -> None:
    """Read the options, run, report."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", default="release,15k,1m")
    parser.add_argument("--connections", default="1,16,64")
    parser.add_argument(
        "--modes", default="mix repeated,mix unseen,look-up repeated,look-up unseen"
    )
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--systems", default="", help="names, with commas; all by default")
    parser.add_argument("--peers", type=Path, help="an environment that has the peers already")
    parser.add_argument("--runaway", type=int, help="instead: so many seconds of runaway queries")
    parser.add_argument("--json", type=Path, help="also write every measure here")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"load before the run: {load:.1f}" + (" (not a quiet machine)" if load > QUIET else ""))
    results: dict[Key, list[Measure]] = {}
    with tempfile.TemporaryDirectory(prefix="assembly-kg-benchmark-") as name:
        folder = Path(name)
        if options.runaway:
            runaway(generated("15k", 15_000, folder), folder, options.runaway)
            return
        systems = all_systems(folder, options.peers)
        if options.systems:
            systems = [s for s in systems if s.name in options.systems.split(",")]
        for wanted in options.data.split(","):
            size = {"15k": 15_000, "1m": 1_000_000}.get(wanted)
            data = released(folder) if size is None else generated(wanted, size, folder)
            print(f"{data.name}: {sum(1 for _ in data.nquads.open(encoding='utf-8')):,} quads")
            usable = [s for s in systems if (size or 0) <= s.largest]
            results |= run(data, usable, options, folder)
    report(results)
    if options.json:
        rows = [[*key, [m.__dict__ for m in measures]] for key, measures in results.items()]
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
