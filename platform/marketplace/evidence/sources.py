"""What certificates can be issued for: each room says how its objects are found, named, worded and printed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, NamedTuple
from uuid import UUID

from marketplace.common import files
from marketplace.common.actor import Actor
from marketplace.common.errors import NotFound
from marketplace.common.models import StoredFile

# A text that is shown in both languages on paper: a lazy `bi`, or a function that picks now.
Words = Any


@dataclass(frozen=True, slots=True)
class PartyLine:
    """One party as a certificate names it; key and signature in hex, empty while not signed."""

    role: Words
    name: str
    credit_code: str
    public_key: str = ""
    custody: Words = ""
    signature: str = ""
    signed_at: str = ""


class Fact(NamedTuple):
    """One particular; where it repeats what the committed field `label` holds, it is printed only with that field disclosed."""

    name: Words
    value: Words
    label: str = ""


@dataclass(frozen=True, slots=True)
class Sum:
    """One line with an amount in fen, which is printed in figures and in capital numerals."""

    name: Words
    fen: int
    note: Words = ""


@dataclass(frozen=True, slots=True)
class Particulars:
    """What is printed of an object beside its ledger entries."""

    facts: Sequence[Fact] = ()
    parties: Sequence[PartyLine] = ()
    sums: Sequence[Sum] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A file whose SHA-256 one of the entries states or commits to; it is read only when it is packed. `size` in bytes."""

    name: str
    sha256: str
    size: int
    read: Callable[[], bytes]

    @classmethod
    def kept(cls, stored: StoredFile, name: str = "") -> "Document":
        """A file from the store, under its own name unless another is given; its permission has been checked."""

        def read() -> bytes:
            with files.open_file(stored) as content:
                whole: bytes = content.read()
                return whole

        return cls(name or stored.name, stored.sha256, stored.size, read)

    @property
    def path(self) -> str:
        """Where it stands in the evidence file: under its own SHA-256, so that it cannot be exchanged unseen."""
        return f"documents/{self.sha256}{PurePath(self.name).suffix.lower()}"


@dataclass(frozen=True, slots=True)
class Part:
    """An object of its own on the ledger that belongs to the certified one, such as a milestone of an agreement.

    The title says nothing that an entry commits to: it stands in the file whatever its asker discloses.
    """

    kind: str
    id: UUID
    title: Words


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of object: `find` raises NotFound for whoever may not know of it; `parts` are those that the actor may see.

    Only the platform's staff may read and disclose the committed fields named in `for_staff`.
    """

    kind: str
    label: Words
    find: Callable[[Actor, UUID], Any]
    title: Callable[[Any], Words]
    home: Callable[[Any], str]
    words: Callable[[], Mapping[str, Words]]
    particulars: Callable[[Any], Particulars]
    documents: Callable[[Any, Actor], Sequence[Document]] = field(default=lambda obj, actor: ())
    parts: Callable[[Any, Actor], Sequence[Part]] = field(default=lambda obj, actor: ())
    for_staff: frozenset[str] = frozenset()


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    """Make certificates of one kind of object possible (called once, when the apps are ready)."""
    _sources[source.kind] = source


def source_of(kind: str) -> Source:
    """The source of a kind, or NotFound."""
    if kind not in _sources:
        raise NotFound
    return _sources[kind]
