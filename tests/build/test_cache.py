"""What an earlier build worked out."""

from pathlib import Path

from assembly_kg.build.cache import Cache, key, program


def test_what_was_kept_is_found_under_its_key_only(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    cache.put("inferred", key(["a"]), b"value")
    assert cache.get("inferred", key(["a"])) == b"value"
    assert cache.get("inferred", key(["b"])) is None
    assert cache.get("release", key(["a"])) is None


def test_parts_do_not_run_together() -> None:
    assert key(["ab", "c"]) != key(["a", "bc"])
    assert key([b"ab"]) == key(["ab"])


def test_a_damaged_value_is_none(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put("inferred", "k", b"value")
    (entry,) = tmp_path.glob("inferred-*")
    entry.write_bytes(entry.read_bytes()[:-1])
    assert cache.get("inferred", "k") is None


def test_a_folder_that_cannot_be_written_loses_the_value_and_nothing_else(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    cache = Cache(blocked / "cache")
    cache.put("inferred", "k", b"value")
    assert cache.get("inferred", "k") is None


def test_only_the_newest_values_are_kept(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for number in range(40):
        cache.put("inferred", str(number), b"value")
    assert len(list(tmp_path.iterdir())) == 16
    assert cache.get("inferred", "39") == b"value"


def test_the_program_has_one_hash() -> None:
    assert program() == program()
    assert len(program()) == 64
