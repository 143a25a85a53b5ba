"""What was read of a query, as an array of twelve bytes a term that can be kept: whoever asks again needs no text."""

import inspect
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.engine import documents, keys, lexicon, mixing, normalising, querying, silencing, tokenising
from matching.engine.config import FIELDS, Config
from matching.engine.documents import Query
from matching.engine.keys import Keys, keys_of
from matching.engine.lexicon import Lexicon, other_names
from matching.engine.mixing import KINDS, kind_of
from matching.engine.querying import Told

# A term, its kind, and for each part of the query how often it was said (the low half of a byte) and named by another name (the high one).
TERM = np.dtype([("key", "<u8"), ("kind", "u1"), ("told", "u1", (len(FIELDS),))])
NAMED = 4
SAID = (1 << NAMED) - 1
_READERS = (documents, keys, lexicon, mixing, normalising, querying, silencing, tokenising)


@cache
def reader(config: Config) -> str:
    """Return what tells this way of reading queries from any other: what another one read is not used."""
    digest = sha256(f"{config} {FIELDS} {unicodedata.unidata_version} {version('PyStemmer')}".encode())
    digest.update(repr(lexicon.shipped()).encode())
    for module in (*_READERS, inspect.getmodule(reader)):
        assert isinstance(module, ModuleType)
        digest.update(inspect.getsource(module).encode())
    return digest.hexdigest()


def read(query: Query, table: Lexicon, config: Config) -> NDArray[Any]:
    """Return the terms of a query, other names included, in alphabetical order: all that its weights in any corpus need of its text."""
    most = min(config.repeat_cap, SAID)
    told: dict[str, list[int]] = {}
    for part, reading in enumerate(Told.of(query, config).readings):
        said = Counter(reading.terms)
        # What a part names is only sought where the part says anything.
        for counted, shift in ((said, 0), (other_names(reading, table) if said else Counter[str](), NAMED)):
            for term, times in counted.items():
                told.setdefault(term, [0] * len(FIELDS))[part] |= min(times, most) << shift
    terms = sorted(told)
    found = np.empty(len(terms), dtype=TERM)
    if terms:
        found["key"], found["kind"], found["told"] = keys_of(terms), [kind_of(term) for term in terms], [told[term] for term in terms]
    return found


class Readings(NamedTuple):
    """What was read of many queries, one after the other: the terms of the i-th end at ends[i]."""

    keys: Keys
    kinds: NDArray[np.uint8]
    told: NDArray[np.uint8]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, kept: Iterable[bytes]) -> "Readings":
        """Return what was kept as bytes."""
        every = list(kept)
        terms = np.frombuffer(b"".join(every), dtype=TERM)
        ends = np.cumsum([len(one) // TERM.itemsize for one in every], dtype=np.int64)
        key, kind, told = (np.ascontiguousarray(terms[name]) for name in ("key", "kind", "told"))
        return cls(key, kind, told, ends)


assert len(KINDS) <= np.iinfo(np.uint8).max
