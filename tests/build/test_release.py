"""Building a release: the same input gives the same bytes, a fault changes nothing."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from tests.build.conftest import INSTITUTION

from assembly_kg.build import folder
from assembly_kg.build.pipeline import STAGES
from assembly_kg.build.release import build
from assembly_kg.errors import (
    BuildError,
    InconsistencyError,
    InputError,
    KnowledgeGraphError,
    ValidationFailure,
)
from assembly_kg.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
BASE = "https://library.example/"
ALL = {
    "SHA256SUMS",
    "dataset.nq",
    "dumps/dataset.nq.gz",
    "dumps/dataset.trig.gz",
    "dumps/default.jsonld.gz",
    "dumps/default.nt.gz",
    "dumps/default.rdf.gz",
    "dumps/default.ttl.gz",
    "manifest.json",
    "projections/holds-post.rq",
    "projections/part.rq",
    "validation.json",
    "validation.ttl",
    "void.ttl",
}


def contents(release: Path) -> dict[str, bytes]:
    return {
        file.relative_to(release).as_posix(): file.read_bytes()
        for file in release.rglob("*")
        if file.is_file()
    }


def make(root: Path, out: Path) -> Path:
    return build(Settings(root=root, out=out)).path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture(scope="module")
def council(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(INSTITUTION, tmp_path_factory.mktemp("releases"))


def quads(release: Path) -> set[ox.Quad]:
    return set(ox.parse(path=release / "dataset.nq", format=ox.RdfFormat.N_QUADS))


def test_a_release_holds_what_it_should_and_is_named_after_version_and_hash(council: Path) -> None:
    assert set(contents(council)) == ALL
    assert re.fullmatch(r"1\.0-[0-9a-f]{12}", council.name)
    assert folder.is_intact(council)
    assert folder.current(council.parent) == council


def test_the_dataset_has_the_graphs_of_the_contract(council: Path) -> None:
    names = {
        q.graph_name.value.removeprefix(BASE)
        for q in quads(council)
        if not isinstance(q.graph_name, ox.DefaultGraph)
    }
    assert names == {
        *("entities", "inferred", "ontology", "shapes", "void", "source/minutes"),
        *(f"source/minutes/{name}" for name in ("s1", "s2", "s2/disputed", "s3")),
        *(
            f"as-of/{day}"
            for day in ("2001-03-01", "2005-12-31", "2010-09-01", "2012-01-01", "2019-01-01")
        ),
    }


def test_the_default_graph_is_all_accepted_graphs_and_the_projections(council: Path) -> None:
    everything = quads(council)
    default = {q.triple for q in everything if q.graph_name == ox.DefaultGraph()}
    merged = {
        q.triple
        for q in everything
        if isinstance(q.graph_name, ox.NamedNode)
        and not q.graph_name.value.endswith("/disputed")
        and "/as-of/" not in q.graph_name.value
    }
    assert merged <= default
    projected = {str(triple) for triple in default - merged}
    item, lib = f"{BASE}id/", f"{BASE}ontology#"
    assert projected == {
        f"<{item}boris> <{lib}holdsPost> <{item}chair>",
        f"<{item}reading-room> <{lib}hasPart> <{item}children-corner>",
    }


def test_the_newest_slice_has_the_projections_of_the_release_date(council: Path) -> None:
    newest = {
        str(q.triple)
        for q in quads(council)
        if q.graph_name == ox.NamedNode(f"{BASE}as-of/2019-01-01")
    }
    assert f"<{BASE}id/boris> <{BASE}ontology#holdsPost> <{BASE}id/chair>" in newest
    assert f"<{BASE}id/chair> <{BASE}ontology#heldBy> <{BASE}id/boris>" in newest
    assert f"<{BASE}id/ada> <{BASE}ontology#holdsPost> <{BASE}id/chair>" not in newest


def test_every_dump_holds_the_same_data(council: Path) -> None:
    whole = quads(council)
    default = {q.triple for q in whole if q.graph_name == ox.DefaultGraph()}
    for path in (council / "dumps").iterdir():
        form = ox.RdfFormat.from_extension(path.name.split(".")[1])
        assert form is not None
        data = ox.Dataset(ox.parse(gzip.decompress(path.read_bytes()), form))
        data.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        found = set(data)
        if path.name.startswith("dataset"):
            assert found == whole, path.name
        else:
            expected = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in default)
            expected.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
            assert found == set(expected), path.name


def test_the_manifest_counts_what_is_there(council: Path) -> None:
    manifest = json.loads((council / "manifest.json").read_text(encoding="utf-8"))
    whole = quads(council)
    assert (manifest["version"], manifest["issued"], manifest["base"]) == (
        "1.0",
        "2020-06-01",
        BASE,
    )
    assert manifest["counts"]["quads"] == len(whole)
    assert manifest["counts"]["default"] == sum(q.graph_name == ox.DefaultGraph() for q in whole)
    assert manifest["counts"]["inferred"] == manifest["graphs"][f"{BASE}inferred"]
    assert manifest["counts"]["documents"] == 1
    assert manifest["counts"]["warnings"] == 1
    assert manifest["as_of"][0] == "2001-03-01"
    assert {file["path"] for file in manifest["files"]} == ALL - {"manifest.json", "SHA256SUMS"}
    assert {file["path"] for file in manifest["inputs"]} >= {"data/sources/minutes.trig"}


def test_the_dataset_is_canonical(council: Path) -> None:
    dataset = ox.Dataset(quads(council))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    lines = sorted(str(dataset).splitlines(keepends=True))
    assert (council / "dataset.nq").read_text(encoding="utf-8") == "".join(lines)


def test_nothing_tells_where_or_when_it_was_built(council: Path) -> None:
    for name, data in contents(council).items():
        text = gzip.decompress(data) if name.endswith(".gz") else data
        assert str(INSTITUTION).encode() not in text
        assert str(council.parent).encode() not in text
        assert time.strftime("%Y-%m-%d").encode() not in text


def build_elsewhere(root: Path, out: Path, seed: str) -> Path:
    done = subprocess.run(
        [sys.executable, "-m", "assembly_kg", "build", "--root", str(root), "--out", str(out)],
        env={**os.environ, "PYTHONHASHSEED": seed, "TZ": "Asia/Almaty", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return Path(done.stdout.strip())


@pytest.mark.parametrize("seed", ["1", "2"])
def test_another_process_gives_the_same_bytes(council: Path, tmp_path: Path, seed: str) -> None:
    assert contents(build_elsewhere(INSTITUTION, tmp_path, seed)) == contents(council)


def test_our_own_record_gives_the_same_bytes_again(release: Path, tmp_path: Path) -> None:
    assert contents(build_elsewhere(ROOT, tmp_path, "3")) == contents(release)


def test_the_order_of_files_makes_no_difference(
    council: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rglob = Path.rglob

    def backwards(self: Path, pattern: str) -> Iterator[Path]:
        yield from sorted(rglob(self, pattern), reverse=True)

    monkeypatch.setattr(Path, "rglob", backwards)
    assert contents(make(INSTITUTION, tmp_path)) == contents(council)


def test_an_unchanged_input_is_not_built_again(
    institution: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make(institution, tmp_path / "out")
    monkeypatch.setattr("assembly_kg.build.pipeline.make", lambda *_: pytest.fail("built again"))
    again = build(Settings(root=institution, out=tmp_path / "out"))
    assert (again.path, again.unchanged) == (first, True)


def test_an_input_that_was_current_before_is_current_again_without_building(
    institution: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    first = make(institution, out)
    things = institution / "data/entities/things.ttl"
    edit(things, '"Ada"@en', '"Ada L."@en')
    second = make(institution, out)
    assert first != second
    edit(things, '"Ada L."@en', '"Ada"@en')
    monkeypatch.setattr("assembly_kg.build.pipeline.make", lambda *_: pytest.fail("built again"))
    assert make(institution, out) == first
    assert folder.current(out) == first
    assert folder.is_intact(second)


def test_a_damaged_release_is_built_again(institution: Path, tmp_path: Path) -> None:
    release = make(institution, tmp_path / "out")
    before = contents(release)
    (release / "void.ttl").write_text("", encoding="utf-8")
    again = build(Settings(root=institution, out=tmp_path / "out"))
    assert not again.unchanged
    assert contents(again.path) == before


def test_the_stages_are_told_as_they_begin(institution: Path, tmp_path: Path) -> None:
    told: list[str] = []
    build(Settings(root=institution, out=tmp_path / "out"), told.append)
    assert tuple(told) == STAGES
    told.clear()
    build(Settings(root=institution, out=tmp_path / "out"), told.append)
    assert told == []


def break_syntax(root: Path) -> None:
    edit(root / "data/sources/minutes.trig", "GRAPH seg:s1 {", "GRAPH seg:s1 { ]")


def break_shape(root: Path) -> None:
    edit(root / "data/entities/things.ttl", 'skos:prefLabel "кеңес"@kk ,', "skos:altLabel")
    edit(root / "data/entities/things.ttl", '"совет"@ru , "council"@en', '"council"@en')


def break_logic(root: Path) -> None:
    edit(
        root / "ontology/library.ttl",
        "lib:Council a owl:Class ;",
        "lib:Council a owl:Class ; owl:disjointWith lib:Body ;",
    )


def break_rule(root: Path) -> None:
    edit(root / "ontology/projections/part.rq", "CONSTRUCT {", "CONSTRUCT ( {")


@pytest.mark.parametrize(
    ("spoil", "kind", "said"),
    [
        (break_syntax, InputError, r"minutes\.trig:14: "),
        (break_shape, ValidationFailure, "item:council: A body has a name"),
        (break_logic, InconsistencyError, "(?s)rule cax-dw:.*disjointWith.*stated in <.*ontology>"),
        (break_rule, InputError, r"part\.rq:4: is not SPARQL"),
    ],
)
def test_a_fault_leaves_the_previous_release_current_and_intact(
    institution: Path,
    tmp_path: Path,
    spoil: Callable[[Path], None],
    kind: type[KnowledgeGraphError],
    said: str,
) -> None:
    out = tmp_path / "out"
    before = make(institution, out)
    spoil(institution)
    with pytest.raises(kind, match=said):
        make(institution, out)
    assert folder.current(out) == before
    assert folder.is_intact(before)
    assert {path.name for path in out.iterdir()} == {".cache", ".lock", "current", before.name}


def test_a_full_disk_in_the_middle_leaves_the_previous_release(
    institution: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    before = make(institution, out)
    edit(institution / "data/entities/things.ttl", '"Ada"@en', '"Ada L."@en')
    monkeypatch.setattr("assembly_kg.build.pipeline.write_gzip", full)
    with pytest.raises(BuildError, match="the disk is full"):
        make(institution, out)
    assert folder.current(out) == before
    assert folder.is_intact(before)


def full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_kill_at_any_moment_leaves_the_previous_release(
    institution: Path, tmp_path: Path
) -> None:
    """Killed with each stage's begin and at moments between; every step on the disk is tested in
    ``test_folder``."""
    out = tmp_path / "out"
    before = make(institution, out)
    edit(institution / "data/entities/things.ttl", '"Ada"@en', '"Ada L."@en')
    for number, stage in enumerate((*STAGES, *STAGES)):
        child = os.fork()
        if child == 0:
            pause = random.Random(number).random() / 50 if number >= len(STAGES) else 0.0

            def die(begun: str, stage: str = stage, pause: float = pause) -> None:
                if begun == stage:
                    signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
                    signal.setitimer(signal.ITIMER_REAL, max(pause, 1e-6))

            build(Settings(root=institution, out=out), die)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        current = folder.current(out)
        assert current is not None
        assert folder.is_intact(current)
        assert current == before or not os.WIFSIGNALED(status) or stage == "write"
        seen = [path for path in out.iterdir() if not path.name.startswith(".")]
        assert all(path.name == "current" or folder.is_intact(path) for path in seen)
    assert make(institution, out) != before
