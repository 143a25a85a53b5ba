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
from json.encoder import encode_basestring as _quoted
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from matching.engine import (
    attributes,
    building,
    compiled,
    counting,
    documents,
    files,
    keys,
    normalising,
    segment,
    statistics,
    tokenising,
)
from matching.engine.attributes import TEXT_ATTRIBUTES, Attributes
from matching.engine.building import build_segment
from matching.engine.compiled import WINDOW
from matching.engine.config import Config
from matching.engine.counting import Laid, Run, lay_out
from matching.engine.documents import Document
from matching.engine.files import ArrayFiles, Unusable
from matching.engine.keys import distinct
from matching.engine.segment import Segment, Weighed, Windowed
from matching.engine.statistics import Statistics, table_of_impacts

# So many characters are counted at a time: that bounds the memory of a build, not the corpus.
_RUN_CHARS = 5_000_000
# The rows of a term that so many documents of a window hold, on average, lie in windows: where these begin takes little beside them.
_LONG = 8
# Of a term that one document in eight holds, what each gets lies side by side too, once there are many documents.
_FREQUENT = 8
_MANY = 10_000
_AS_JSON = json.JSONEncoder(ensure_ascii=False).encode
_READERS = (attributes, building, compiled, counting, documents, files, keys, normalising, segment, statistics, tokenising)


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
            written = list(map(_written, segment.documents))
            texts.write(b"".join(written))
            sizes += map(len, written)
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
    _merge(files, runs, lengths, usual_length, config)
    for run_files in runs:
        shutil.rmtree(run_files.folder)
    types: dict[str, DTypeLike] = {
        **dict.fromkeys(("texts", "times", "impacts", "most", "dense"), np.uint8),
        **dict.fromkeys(("rows", "lengths", *TEXT_ATTRIBUTES), np.int32),
        **dict.fromkeys(("text_starts", "starts", "frequent", "long", "long_starts"), np.int64),
        "near": np.uint16,
        "begins": np.uint32,
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
    """Return a document as a list in JSON. Its texts are quoted one by one: to prepare for any object takes longer than that."""
    title, body, keywords = map(_quoted, document.fields)
    attributes_ = _AS_JSON(dict(document.attributes)) if document.attributes else "{}"
    return f"[{title}, {body}, {keywords}, {attributes_}]".encode("utf-8", "surrogatepass")


def _spilled(folder: Path, segment: Segment) -> ArrayFiles:
    folder.mkdir()
    files = ArrayFiles(folder)
    for name, array in (("terms", segment.terms), ("starts", segment.starts), ("rows", segment.every_row()), ("times", segment.times)):
        files.write(name, array)
    return files


def _merge(files: ArrayFiles, runs: list[ArrayFiles], lengths: list[NDArray[np.int32]], usual_length: int, config: Config) -> None:
    """Lay the postings of all runs out term by term; since runs follow each other by ids, so do the rows of a term."""
    terms = distinct(np.concatenate([*(run.map("terms", np.uint64) for run in runs), np.empty(0, np.uint64)]))
    places = [np.searchsorted(terms, run.map("terms", np.uint64)) for run in runs]
    held = np.zeros(len(terms), dtype=np.int64)
    most_times = 0
    for run, place in zip(runs, places, strict=True):
        held[place] += np.diff(run.map("starts", np.int64))
        most_times = max(most_times, int(run.map("times", np.uint8).max(initial=0)))
    documents = sum(map(len, lengths))
    windows = -(-documents // WINDOW)
    long = np.flatnonzero(held >= _LONG * windows)
    frequent = np.flatnonzero(held * _FREQUENT > documents) if documents >= _MANY else np.empty(0, np.int64)
    starts, long_starts = _sums(held), _sums(held[long])
    for name, array in {"terms": terms, "starts": starts, "long": long, "long_starts": long_starts, "frequent": frequent}.items():
        files.write(name, array)
    # Of the terms before each, so many postings lie in windows.
    apart = _sums(np.where(held >= _LONG * windows, held, 0))[:-1]
    table, codes = table_of_impacts(np.concatenate([*lengths, np.empty(0, np.int32)]), most_times, usual_length, config)
    laid = Laid(
        filled=starts[:-1].copy(),
        shifts=np.where(held >= _LONG * windows, apart - starts[:-1], -apart),
        long=_numbered(long, len(terms)),
        frequent=_numbered(frequent, len(terms)),
        table=table,
        codes=codes,
        times=files.make("times", np.uint8, int(starts[-1])),
        impacts=files.make("impacts", np.uint8, int(starts[-1])),
        most=files.make("most", np.uint8, len(terms)),
        rows=files.make("rows", np.int32, int(starts[-1] - long_starts[-1])),
        near=files.make("near", np.uint16, int(long_starts[-1])),
        begins=files.make("begins", np.uint32, len(long) * (windows + 1)).reshape(len(long), windows + 1),
        dense=files.make("dense", np.uint8, len(frequent) * documents).reshape(len(frequent), documents),
    )
    first = 0
    for run, place, part in zip(runs, places, lengths, strict=True):
        lay_out(Run(place, run.map("starts", np.int64), run.map("rows", np.int32), run.map("times", np.uint8)), first, laid)
        first += len(part)
    np.cumsum(laid.begins, axis=1, out=laid.begins)


def _sums(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate(([0], np.cumsum(counts)))


def _numbered(some: NDArray[np.int64], all_: int) -> NDArray[np.int32]:
    """Return, of so many places, the numbers of some of them, -1 for the others."""
    numbers = np.full(all_, -1, dtype=np.int32)
    numbers[some] = np.arange(len(some))
    return numbers


def open_segment(folder: Path, config: Config) -> tuple[Segment, dict[str, Any]]:
    """Open what `write_segment` wrote, and return it with the header's facts; raises Unusable where that is not what lies there."""
    files = ArrayFiles(folder)
    facts = files.facts()
    if facts["program"] != program(config):
        raise Unusable("It was built by another version of the program.")
    arrays = files.open()
    dense = arrays["dense"].reshape(len(arrays["frequent"]), len(arrays["lengths"]))
    begins = arrays["begins"].reshape(len(arrays["long"]), -(-len(arrays["lengths"]) // WINDOW) + 1)
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
        windowed=Windowed(arrays["long"], arrays["long_starts"], arrays["near"], begins),
    )
    return segment, facts
