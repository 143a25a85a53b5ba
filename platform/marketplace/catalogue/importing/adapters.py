"""What a kind of file means: its columns, how a row becomes an object, and what a second file may change."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from marketplace.accounts.models import Organisation
from marketplace.catalogue.importing.rows import Row
from marketplace.common.actor import Actor
from marketplace.workflow.models import Stateful

M = TypeVar("M", bound=Stateful)


class Adapter(ABC, Generic[M]):
    """One kind of file for one importing organisation; made anew for each run, so it may remember what it looked up.

    The importer finds the object of a row by `key`: a new one goes through the bulk door by `action`, an old one is
    handed to `update`. `columns` maps our names to every heading that is accepted for it, `required` lists
    alternatives of which each file must have one (`(("title", "title_zh"),)`), `imported` the attributes that a file sets.
    """

    label: ClassVar[Any]
    columns: ClassVar[Mapping[str, tuple[str, ...]]]
    required: ClassVar[Sequence[tuple[str, ...]]]
    imported: ClassVar[tuple[str, ...]]
    action: ClassVar[str] = "import_batch"
    ledger_type: ClassVar[str]

    def __init__(self, *, actor: Actor, organisation: Organisation) -> None:
        self.actor = actor
        self.organisation = organisation

    @abstractmethod
    def parse(self, row: Row) -> M:
        """The row as an object that is not saved. Raises RowFault."""

    @abstractmethod
    def key(self, obj: M) -> str:
        """What makes two rows the same thing within the organisation: its reference."""

    @abstractmethod
    def existing(self, keys: Sequence[str]) -> Iterable[M]:
        """The organisation's stored objects with these keys, locked."""

    def content(self, obj: M) -> dict[str, Any]:
        """What a row says, as it is hashed for the ledger and compared with what is stored."""
        return {name: getattr(obj, name) for name in self.imported}

    def update(self, stored: M, wanted: M) -> bool:
        """Bring a stored object up to the row; False when nothing differs. Raises RowFault where it may not change."""
        content = self.content(wanted) | self.kept(stored, wanted)
        if self.content(stored) == content:
            return False
        for name, value in content.items():
            setattr(stored, name, value)
        return True

    def kept(self, stored: M, wanted: M) -> dict[str, Any]:
        """What stays as it is stored, since the row says nothing of it."""
        return {}

    def after_batch(self, objs: Sequence[M]) -> None:
        """Called in the transaction of a batch with the objects that were created or changed."""


_adapters: dict[str, type[Adapter[Any]]] = {}


def register(kind: str, adapter: type[Adapter[Any]]) -> None:
    """Make a kind of file importable; called once per kind, at start."""
    _adapters[kind] = adapter


def named(kind: str) -> type[Adapter[Any]] | None:
    return _adapters.get(kind)


def kinds() -> list[str]:
    """The kinds of files that can be imported, by name."""
    return sorted(_adapters)
