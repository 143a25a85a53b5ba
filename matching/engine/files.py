"""Flat arrays in files, with a header that says what each must hold."""

import json
import os
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

_HEADER = "header.json"


class Unusable(Exception):
    """The files are not what the header says, or of another program; the words say which."""


@dataclass(frozen=True)
class ArrayFiles:
    """A folder of arrays, one file each, as they lie in memory (little-endian), and a header.

    What is opened is mapped, not read: processes that open the same files share the memory, and keep it when the files are removed.
    """

    folder: Path

    def make(self, name: str, dtype: DTypeLike, length: int) -> NDArray[Any]:
        """Return a new array of zeros that lies in a file; raises OSError where the disk has no room for it."""
        path, size = self.folder / name, length * np.dtype(dtype).itemsize
        with path.open("wb") as file:
            file.truncate(size)
            if size and sys.platform != "darwin":  # which has no such call
                # Whoever writes to a place of a mapped file for which there is no room is killed.
                os.posix_fallocate(file.fileno(), 0, size)
        return np.memmap(path, dtype, "r+", shape=(length,)).view(np.ndarray) if length else np.empty(0, dtype)

    def write(self, name: str, array: NDArray[Any]) -> None:
        """Put an array into a file."""
        np.ascontiguousarray(array).tofile(self.folder / name)

    def map(self, name: str, dtype: DTypeLike) -> NDArray[Any]:
        """Return the array that lies in a file, to be read only."""
        path = self.folder / name
        if path.stat().st_size:
            return np.memmap(path, dtype, "r").view(np.ndarray)
        nothing = np.empty(0, dtype)
        nothing.flags.writeable = False
        return nothing

    def seal(self, types: Mapping[str, DTypeLike], facts: Mapping[str, object]) -> None:
        """Write the header over the named files, once their bytes are safe on the disk."""
        files = {}
        for name, dtype in types.items():
            with (self.folder / name).open("rb") as file:
                os.fsync(file.fileno())
            array = self.map(name, dtype)
            files[name] = {"type": np.dtype(dtype).str, "length": len(array), "crc32": _checksum(array)}
        content = json.dumps({**facts, "files": files}, ensure_ascii=False)
        path = self.folder / _HEADER
        with path.open("w", encoding="utf-8") as file:
            file.write(f"{content}\n{sha256(content.encode()).hexdigest()}\n")
            file.flush()
            os.fsync(file.fileno())

    def facts(self) -> dict[str, Any]:
        """Read the header; raises Unusable for one that was cut short or changed."""
        try:
            content, _, digest = (self.folder / _HEADER).read_text(encoding="utf-8").partition("\n")
        except OSError as error:
            raise Unusable("There is no header.") from error
        if sha256(content.encode()).hexdigest() != digest.strip():
            raise Unusable("The header is not as it was written.")
        found: dict[str, Any] = json.loads(content)
        return found

    def open(self) -> dict[str, NDArray[Any]]:
        """Map every array that the header names; raises Unusable where a file is not as it was written."""
        arrays: dict[str, NDArray[Any]] = {}
        for name, said in self.facts()["files"].items():
            with suppress(OSError, ValueError):  # missing, or cut within a number
                arrays[name] = self.map(name, said["type"])
            if name not in arrays or (len(arrays[name]), _checksum(arrays[name])) != (said["length"], said["crc32"]):
                raise Unusable(f"The file {name} is not as it was written.")
        return arrays


def _checksum(array: NDArray[Any]) -> int:
    found = 0
    for piece in _pieces(array.view(np.uint8)):
        found = zlib.crc32(piece, found)
    return found


def _pieces(content: NDArray[np.uint8], size: int = 1 << 24) -> Iterator[memoryview]:
    for start in range(0, len(content), size):
        yield content[start : start + size].data
