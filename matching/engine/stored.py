"""Segments that lie in files: written in bounded memory, and shared by every process that opens them."""

import inspect
import json
import shutil
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from matching.engine import attributes, building, documents, files, keys, normalising, segment, statistics, tokenising
from matching.engine.attributes import TEXT_ATTRIBUTES, Attributes
from matching.engine.building import build_segment
from matching.engine.config import Config
from matching.engine.documents import Document
from matching.engine.files import ArrayFiles, Unusable
from matching.engine.keys import distinct
from matching.engine.segment import Segment, Weighed
from matching.engine.statistics import Statistics, impacts_of

# So many characters are counted at a time, and so many postings weighed: that bounds the memory of a build, not the corpus.
_RUN_CHARS = 5_000_000
_STRETCH = 4_000_000
# Of a term that one document in eight holds, what each gets lies side by side too, once there are many documents.
_FREQUENT = 8
_MANY = 10_000
_AS_JSON = json.JSONEncoder(ensure_ascii=False).encode
_READERS = (attributes, building, documents, files, keys, normalising, segment, statistics, tokenising)


@dataclass(frozen=True)
class StoredDocuments:
    """Documents that are read from the files one by one."""

    ids: NDArray[np.bytes_]
    texts: NDArray[np.uint8]
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, row: int) -> Document:
        content = self.texts[self.starts[row] : self.starts[row + 1]].tobytes()
        title, body, keywords, attributes_ = json.loads(content.decode("utf-8", "surrogatepass"))
        return Document(self.ids[row].decode("utf-8", "surrogatepass"), title, body, keywords, attributes_)

    def __iter__(self) -> Iterator[Document]:
        return (self[row] for row in range(len(self)))


@cache
def program(config: Config) -> str:
    """Return what tells this way of reading and weighing texts from any other: an index of another one is not opened."""
    digest = sha256(f"{config} {unicodedata.unidata_version} {version('PyStemmer')}".encode())
    for module in (*_READERS, inspect.getmodule(program)):
        digest.update(inspect.getsource(module).encode())  # type: ignore[arg-type]
    return digest.hexdigest()


def write_segment(folder: Path, documents: Iterable[Document], config: Config, facts: Mapping[str, object]) -> None:
    """Write a segment over documents in ascending order of their ids into an empty folder, with facts of the caller in its header.

    Raises ValueError where they come in another order. Beside a run of documents the memory grows by some seventy bytes a document and
    some forty a term; postings and texts go into files.
    """
    write_joined(folder, (build_segment(run, config) for run in _runs(documents)), config, facts)


def write_joined(folder: Path, segments: Iterable[Segment], config: Config, facts: Mapping[str, object]) -> None:
    """Write one segment over the documents of several, the ids of each of which are above those of the one before it."""
    files = ArrayFiles(folder)
    runs: list[ArrayFiles] = []
    ids, lengths, sizes, found = [], [], [0], []
    with (folder / "texts").open("wb") as texts:
        for segment in segments:
            runs.append(_spilled(folder / f"run-{len(runs)}", segment))
            ids.append(segment.ids)
            lengths.append(segment.lengths)
            found.append(segment.attributes)
            sizes += [texts.write(_written(document)) for document in segment.documents]
    read = Attributes.joined(found)
    all_lengths = np.concatenate([*lengths, np.empty(0, np.int32)])
    usual_length = Statistics().changed_by(all_lengths, sign=1).usual_length
    names = np.concatenate(ids) if ids else np.empty(0, "S1")
    for name, array in {
        "ids": names,
        "text_starts": np.fromiter(accumulate(sizes), dtype=np.int64, count=len(sizes)),
        "lengths": all_lengths,
        "readiness": read.readiness,
        **read.codes,
    }.items():
        files.write(name, array)
    _merge(files, runs, [len(part) for part in lengths])
    _weigh(files, all_lengths, usual_length, config)
    for run_files in runs:
        shutil.rmtree(run_files.folder)
    types: dict[str, DTypeLike] = {
        **dict.fromkeys(("texts", "times", "impacts", "most", "dense"), np.uint8),
        **dict.fromkeys(("rows", "lengths", *TEXT_ATTRIBUTES), np.int32),
        **dict.fromkeys(("text_starts", "starts", "frequent"), np.int64),
        "ids": names.dtype,
        "terms": np.uint64,
        "readiness": np.int8,
    }
    files.seal(types, {**facts, "program": program(config), "usual_length": usual_length, "values": read.values})


def _runs(documents: Iterable[Document]) -> Iterator[list[Document]]:
    run: list[Document] = []
    held, last = 0, ""
    for document in documents:
        if document.id <= last:
            raise ValueError(f"Documents must come by ascending id: {document.id} came after {last}.")
        last = document.id
        run.append(document)
        held += sum(map(len, document.fields))
        if held >= _RUN_CHARS:
            yield run
            run, held = [], 0
    if run:
        yield run


def _written(document: Document) -> bytes:
    return _AS_JSON([*document.fields, dict(document.attributes)]).encode("utf-8", "surrogatepass")


def _spilled(folder: Path, segment: Segment) -> ArrayFiles:
    folder.mkdir()
    files = ArrayFiles(folder)
    for name in ("terms", "starts", "rows", "times"):
        files.write(name, getattr(segment, name))
    return files


def _merge(files: ArrayFiles, runs: list[ArrayFiles], documents: list[int]) -> None:
    """Lay the postings of all runs out term by term; since runs follow each other by ids, so do the rows of a term."""
    terms = distinct(np.concatenate([*(run.map("terms", np.uint64) for run in runs), np.empty(0, np.uint64)]))
    places = [np.searchsorted(terms, run.map("terms", np.uint64)) for run in runs]
    held = np.zeros(len(terms), dtype=np.int64)
    for run, place in zip(runs, places, strict=True):
        held[place] += np.diff(run.map("starts", np.int64))
    starts = np.concatenate(([0], np.cumsum(held)))
    files.write("terms", terms)
    files.write("starts", starts)
    rows = files.make("rows", np.int32, int(starts[-1]))
    times = files.make("times", np.uint8, int(starts[-1]))
    filled, first = starts[:-1].copy(), 0
    for run, place, count in zip(runs, places, documents, strict=True):
        run_starts = run.map("starts", np.int64)
        presence = np.diff(run_starts)
        at = np.repeat(filled[place] - run_starts[:-1], presence) + np.arange(run_starts[-1])
        rows[at] = run.map("rows", np.int32) + np.int32(first)
        times[at] = run.map("times", np.uint8)
        filled[place] += presence
        first += count


def _weigh(files: ArrayFiles, lengths: NDArray[np.int32], usual_length: int, config: Config) -> None:
    rows, times = files.map("rows", np.int32), files.map("times", np.uint8)
    found = files.make("impacts", np.uint8, len(rows))
    for start in range(0, len(rows), _STRETCH):
        stretch = slice(start, start + _STRETCH)
        found[stretch] = impacts_of(times[stretch], rows[stretch], lengths, usual_length, config)
    starts = files.map("starts", np.int64)
    files.write("most", np.maximum.reduceat(found, starts[:-1]) if len(found) else found)
    frequent = np.flatnonzero(np.diff(starts) * _FREQUENT > len(lengths)) if len(lengths) >= _MANY else np.empty(0, np.int64)
    files.write("frequent", frequent.astype(np.int64))
    dense = files.make("dense", np.uint8, len(frequent) * len(lengths)).reshape(len(frequent), len(lengths))
    for row, place in zip(dense, frequent.tolist(), strict=True):
        postings = slice(starts[place], starts[place + 1])
        row[rows[postings]] = found[postings]


def open_segment(folder: Path, config: Config) -> tuple[Segment, dict[str, Any]]:
    """Open what `write_segment` wrote, and return it with the header's facts; raises Unusable where that is not what lies there."""
    files = ArrayFiles(folder)
    facts = files.facts()
    if facts["program"] != program(config):
        raise Unusable("It was built by another version of the program.")
    arrays = files.open()
    dense = arrays["dense"].reshape(len(arrays["frequent"]), len(arrays["lengths"]))
    segment = Segment(
        documents=StoredDocuments(arrays["ids"], arrays["texts"], arrays["text_starts"]),
        ids=arrays["ids"],
        attributes=Attributes({name: arrays[name] for name in TEXT_ATTRIBUTES}, facts["values"], arrays["readiness"]),
        terms=arrays["terms"],
        starts=arrays["starts"],
        rows=arrays["rows"],
        times=arrays["times"],
        lengths=arrays["lengths"],
        stored={facts["usual_length"]: Weighed(arrays["impacts"], arrays["most"], arrays["frequent"], dense)},
    )
    return segment, facts
