"""What an index of many documents takes whose terms were read elsewhere: numbers drawn by Zipf's law, so no text is read or made."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import memory
import numpy as np
from figures import Figures
from numpy.typing import NDArray

from matching.engine.building import Terms, segment_of
from matching.engine.config import PLATFORM
from matching.engine.documents import Document
from matching.engine.index import Index
from matching.engine.keys import keys_of
from matching.engine.segment import Segment
from matching.engine.stored import open_segment, write_joined

WORDS = 200_000
# So many documents become one segment, which are joined in files afterwards.
RUN = 25_000
# What a search reads of the files; the others hold texts and counts, which explanations and changes read.
SEARCHED = ("terms", "starts", "rows", "near", "begins", "long", "long_starts", "impacts", "most", "frequent", "dense")


def drawn(size: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The numbers of the words of so many documents, 60 to 100 of each, and where each document ends."""
    draw = np.random.default_rng(7)
    ends = np.cumsum(draw.integers(60, 101, size))
    chances = np.cumsum(1.0 / np.arange(1, WORDS + 1))
    numbers = np.empty(ends[-1], dtype=np.int32)
    for start in range(0, len(numbers), 4_000_000):
        some = draw.random(len(numbers[start : start + 4_000_000])) * chances[-1]
        numbers[start : start + len(some)] = np.minimum(np.searchsorted(chances, some), WORDS - 1)
    return numbers, ends


def from_tokens(size: int, figures: Figures) -> None:
    """Take what building, holding and opening such an index costs."""
    figures.tell(f"the words of {size} documents are drawn")
    numbers, ends = drawn(size)
    names = [f"w{number}" for number in range(WORDS)]
    documents = [Document(id=f"{number:07}") for number in range(size)]

    def segments() -> Iterator[Segment]:
        keys, views = keys_of(names), np.zeros(WORDS, dtype=np.bool_)
        for first in range(0, size, RUN):
            before = ends[first - 1] if first else 0
            here = ends[first : first + RUN]
            yield segment_of(documents[first : first + RUN], [Terms(keys, views, numbers[before : here[-1]], here - before)])

    with TemporaryDirectory() as folder:
        start, held = process_time(), memory.from_here()
        write_joined(Path(folder), segments(), PLATFORM, {})
        figures.take(f"{size} documents built from tokens", process_time() - start, "CPU s")
        grown = memory.most() - held
        figures.take("  memory beside the tokens, mapped files included", grown / 2**20, "MiB")
        sizes = {path.name: path.stat().st_size / 1e6 for path in Path(folder).iterdir()}
        figures.take("  index that a search reads, shared", sum(sizes[name] for name in SEARCHED), "MB")
        figures.take("    of which postings", sizes["rows"] + sizes["near"] + sizes["impacts"], "MB")
        index = Index.over(open_segment(Path(folder), PLATFORM)[0])
        figures.take("  postings", index.postings, "")
        figures.take("  arrays of each process", index.own_bytes / 1e6, "MB")
