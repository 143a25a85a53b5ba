"""The layout of a bank's CSV: ours, or the one that a mapping describes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time

from marketplace.treasury.models import BEIJING, DateFormat, Delimiter, Direction, Encoding, MappedField, StatementMapping
from marketplace.treasury.services.statement_lines import moment_of

SAID = ("encoding", "delimiter", "skip_lines", "date_format", "columns", "words_in", "words_out")
EXAMPLE = datetime(2026, 11, 23, 9, 40, tzinfo=BEIJING)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each field stands and how it is written; headings and words are compared in lower case.

    What is `optional` is read where its heading is there, and everything else has to be.
    """

    columns: Mapping[str, str]
    optional: frozenset[str] = frozenset()
    encoding: Encoding = Encoding.AUTO
    delimiter: str = Delimiter.COMMA
    skip_lines: int = 0
    date_format: DateFormat = DateFormat.ISO
    directions: Mapping[str, Direction] = field(default_factory=dict)

    @property
    def examples(self) -> list[str]:
        """How this layout writes dates, for whoever has to mend one."""
        patterns = ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S") if self.date_format == DateFormat.ISO else (self.date_format,)
        return [EXAMPLE.strftime(pattern) for pattern in patterns]

    def moment(self, day: str, clock: str = "") -> datetime | None:
        """The moment of a date, with its time in the same cell or in one of its own; None for anything else."""
        if self.date_format == DateFormat.ISO:
            return moment_of(f"{day}T{clock}" if clock else day)
        day, _, inside = day.replace("T", " ").partition(" ")
        try:
            date = datetime.strptime(day, self.date_format).replace(tzinfo=BEIJING)
            at = time.fromisoformat((clock or inside).strip() or "00:00")
        except ValueError:
            return None
        return moment_of(datetime.combine(date, at, tzinfo=BEIJING).isoformat())


_TOLD = (
    MappedField.LINE_ID,
    MappedField.DATE,
    MappedField.AMOUNT,
    MappedField.DIRECTION,
    MappedField.PAYER_NAME,
    MappedField.PAYER_ACCOUNT,
    MappedField.REFERENCE,
    MappedField.BALANCE,
)
STANDARD = Layout(
    columns={name.value: name.value for name in _TOLD},
    optional=frozenset({MappedField.BALANCE.value}),
    directions={"in": Direction.IN, "收入": Direction.IN, "out": Direction.OUT, "支出": Direction.OUT},
)


def digest_of(mapping: StatementMapping | None) -> str:
    """The SHA-256 of all that a mapping says about reading, whatever it is called; empty where there is none."""
    if mapping is None:
        return ""
    said = {name: getattr(mapping, name) for name in SAID}
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def layout_of(mapping: StatementMapping | None) -> Layout:
    """The layout that a mapping describes; ours where there is none."""
    if mapping is None:
        return STANDARD
    words = {**dict.fromkeys(mapping.words_in, Direction.IN), **dict.fromkeys(mapping.words_out, Direction.OUT)}
    return Layout(
        columns={name: heading.lower() for name, heading in mapping.columns.items()},
        encoding=Encoding(mapping.encoding),
        delimiter=mapping.delimiter,
        skip_lines=mapping.skip_lines,
        date_format=DateFormat(mapping.date_format),
        directions={word.lower(): direction for word, direction in words.items()},
    )
