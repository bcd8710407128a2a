"""Content codings: gzip, br and zstd over finished bodies.

Owns the levels, chosen so that compressing costs less than it saves on a fast line, and the size
under which it is not worth it. Which coding a client gets is ``negotiation``'s.
"""

from __future__ import annotations

import tempfile
import zlib
from typing import TYPE_CHECKING, BinaryIO, Final, cast

import brotli
import zstandard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["MINIMUM", "compress", "compress_file", "compress_pieces", "pieces"]

MINIMUM: Final = 860
PIECE: Final = 256 * 1024
_GZIP_WINDOW: Final = 31


def compress(coding: str, data: bytes) -> bytes:
    """The bytes in a coding."""
    feed, _, finish = _compressor(coding)
    return feed(data) + finish()


def compress_file(coding: str, file: BinaryIO) -> tuple[BinaryIO, int]:
    """A file's rest in a coding, as another file at its beginning, and its size; closes the first.

    The whole is compressed before the first byte goes out, so that its length can be said.
    """
    feed, _, finish = _compressor(coding)
    target = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 -- the caller owns it
    with file:
        for piece in pieces(file):
            target.write(feed(piece))
    target.write(finish())
    size = target.tell()
    target.seek(0)
    return target, size


def compress_pieces(coding: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Pieces in a coding, each as far as it can be read by itself, so that none waits for more."""
    feed, flush, finish = _compressor(coding)
    for piece in pieces:
        yield feed(piece) + flush()
    yield finish()


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """The rest of a file, piece by piece; the file is closed at the end."""
    with file:
        while data := file.read(PIECE):
            yield data


def _compressor(
    coding: str,
) -> tuple[Callable[[bytes], bytes], Callable[[], bytes], Callable[[], bytes]]:
    """What takes bytes, what gives all that were taken, and what ends."""
    match coding:
        case "zstd":
            frame = zstandard.ZstdCompressor(level=3).compressobj()
            block = zstandard.COMPRESSOBJ_FLUSH_BLOCK
            return frame.compress, lambda: frame.flush(block), frame.flush
        case "br":
            stream = brotli.Compressor(quality=4)
            return stream.process, stream.flush, stream.finish
        case "gzip":
            deflate = zlib.compressobj(5, zlib.DEFLATED, _GZIP_WINDOW)
            return deflate.compress, lambda: deflate.flush(zlib.Z_SYNC_FLUSH), deflate.flush
        case _:
            raise ValueError(coding)
