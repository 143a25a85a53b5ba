"""What conditions and circumstances look at: a number per document and attribute."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.engine.documents import Document

TEXT_ATTRIBUTES = ("region_code", "industry_code", "kind")


@dataclass(frozen=True)
class Attributes:
    """`codes[name]` holds a number per document, which `values[name]` gives to each text; 0 is for documents that have none."""

    codes: Mapping[str, NDArray[np.int32]]
    values: Mapping[str, Mapping[str, int]]
    readiness: NDArray[np.int8]

    @classmethod
    def of(cls, documents: Iterable[Document]) -> "Attributes":
        """Read the attributes of the documents, in their order."""
        every = list(documents)
        given = [document.attributes for document in every]
        readiness = np.fromiter((document.readiness for document in every), dtype=np.int8, count=len(every))
        values: dict[str, dict[str, int]] = {name: {} for name in TEXT_ATTRIBUTES}
        codes = {}
        for name, known in values.items():
            found = [attributes.get(name) for attributes in given]
            numbers = {value: 0 if value in (None, "") else known.setdefault(str(value), len(known) + 1) for value in dict.fromkeys(found)}
            codes[name] = np.fromiter(map(numbers.__getitem__, found), dtype=np.int32, count=len(found))
        return cls(codes, values, readiness)

    def holding(self, name: str, value: str) -> NDArray[np.bool_]:
        """Return the bitmap of the documents whose attribute `name` equals `value`."""
        bitmap: NDArray[np.bool_] = self.codes[name] == self.values[name].get(value, -1)
        return bitmap

    def has(self, name: str, value: str, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell for each of the rows whether its attribute `name` equals `value`."""
        found: NDArray[np.bool_] = self.codes[name][rows] == self.values[name].get(value, -1)
        return found

    @classmethod
    def joined(cls, parts: Sequence["Attributes"]) -> "Attributes":
        """Return the attributes of the documents of all parts, one part after the other."""
        values: dict[str, dict[str, int]] = {name: {} for name in TEXT_ATTRIBUTES}
        codes: dict[str, list[NDArray[np.int32]]] = {name: [] for name in TEXT_ATTRIBUTES}
        for part in parts:
            for name in TEXT_ATTRIBUTES:
                known = values[name]
                ours = np.array([0, *(known.setdefault(value, len(known) + 1) for value in part.values[name])], dtype=np.int32)
                codes[name].append(ours[part.codes[name]])
        return cls(
            {name: np.concatenate([*found, np.empty(0, np.int32)]) for name, found in codes.items()},
            values,
            np.concatenate([*(part.readiness for part in parts), np.empty(0, np.int8)]),
        )
