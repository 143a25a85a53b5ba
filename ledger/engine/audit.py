"""Follow the log entry by entry: place, chain and tree together, in memory that grows with log n only."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ledger.engine import entry, merkle


@dataclass(slots=True)
class Audit:
    """The state after some prefix of the log; feed it what follows."""

    log: str
    prev: str = entry.GENESIS
    tree: merkle.CompactRange = field(default_factory=merkle.CompactRange)

    def take(self, raw: bytes) -> entry.Entry:
        """Accept the next entry; raise BadEntry unless it is canonical and names this log, place and prev (docs/ledger.md, "An entry")."""
        found = entry.follow(raw, log=self.log, seq=self.tree.size, prev=self.prev)
        leaf = merkle.leaf_hash(raw)
        self.tree.append(leaf)
        self.prev = leaf.hex()
        return found

    def take_all(self, entries: Iterable[bytes]) -> "Audit":
        """Accept entries in order and return self (RFC 6962 section 2.1: the tree of the first of them is that of the log then)."""
        for raw in entries:
            self.take(raw)
        return self
