"""What a bank's statement says, whatever file it came in: good lines, faults, and the balance it closes with."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from marketplace.common.money import parse_yuan
from marketplace.common.text import bi
from marketplace.treasury.errors import StatementUnreadable
from marketplace.treasury.models import BEIJING, MAX_FEN, Direction

LONGEST = {"bank_line_id": 64, "payer_name": 200, "payer_account": 64, "reference": 400}
MAX_BYTES = 20 * 1024 * 1024
MAX_LINES = 50_000
# The characters of a bank's own ids; what a reference holds beyond them ends one.
_IDS = re.compile(r"[0-9A-Za-z][0-9A-Za-z._/-]{0,63}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One good line: `number` counts all the lines of the file from 1, or an XML file's entries."""

    number: int
    bank_line_id: str
    booked_at: datetime
    fen: int
    direction: Direction
    payer_name: str
    payer_account: str
    reference: str


@dataclass(frozen=True, slots=True)
class Closing:
    """The balance in fen that the bank says the account closed with, and the day."""

    fen: int
    day: date


@dataclass(frozen=True, slots=True)
class Fault:
    """One line that was not taken: the field at fault and the reason in both languages."""

    line: int
    field: str
    zh: str
    en: str

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def refuse_too_large(size: int) -> None:
    """Refuse a file by its size in bytes, before it is read. Raises StatementUnreadable over 20 MB."""
    if size > MAX_BYTES:
        raise StatementUnreadable(bi("文件超过 20 MB，请分次导入。", "The file is larger than 20 MB: import it in parts."))


def refuse_too_many(count: int) -> None:
    """Raises StatementUnreadable when a line comes after the last that one file may bring."""
    if count >= MAX_LINES:
        raise StatementUnreadable(bi(f"超过 {MAX_LINES} 行，请分次导入。", f"More than {MAX_LINES} lines: import it in parts."))


def plain(text: str) -> str:
    """A bank's text in its normal form: full width, exotic blanks and what nobody can see become plain (Unicode's NFKC), blanks single."""
    return re.sub(" +", " ", _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))).strip(" ")


def as_code(text: str) -> str:
    """A bank's id or account number in its one form, by which it is kept and looked up: plain, and without blanks."""
    return plain(text).replace(" ", "")


def tidied(row: Mapping[str, str]) -> dict[str, str]:
    """The words of a line in one form however the bank writes them, names as they are. An id's blanks may tell two lines apart."""
    said = {name: plain(row[name]) for name in ("bank_line_id", "reference")}
    return {**row, **said, "payer_account": as_code(row["payer_account"])}


def text_fault(number: int, row: Mapping[str, str]) -> Fault | None:
    """Return what is wrong with the words of a line: too long, control characters, no id of the bank's."""
    for name, longest in LONGEST.items():
        if len(row[name]) > longest:
            return Fault(number, name, f"超过 {longest} 字", f"Longer than {longest} characters")
        if _CONTROL.search(row[name]):
            return Fault(number, name, "含控制字符", "It holds control characters")
    if not row["bank_line_id"]:
        return Fault(number, "bank_line_id", "缺少银行流水号", "The bank's line id is missing")
    return None


def moment_of(text: str) -> datetime | None:
    """Return the moment of an ISO 8601 date or time, Beijing's where it names no offset; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 2000 <= moment.year < 2100:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)


def fen_of(text: str) -> int | None:
    """Return a positive amount in fen; None when it is not positive or larger than the books can hold."""
    fen = parse_yuan(text)
    return fen if 0 < fen <= MAX_FEN else None


def naming(ids: Iterable[str]) -> Callable[[str], bool]:
    """Return whether a line's message names one of these ids of the bank's; one that is kept with blanks is named with or without them."""
    whole = set(ids)
    codes = {as_code(one) for one in whole}
    spaced = [re.compile(rf"(?<!\w){' ?'.join(map(re.escape, as_code(one)))}(?!\w)") for one in whole if " " in one]

    def names(reference: str) -> bool:
        return bool(codes & ids_in(reference)) or any(one.search(reference) for one in spaced)

    return names


def ids_in(text: str) -> set[str]:
    """Every word of a line's message that could be one of the bank's ids."""
    words = set(_IDS.findall(text))
    return words | {word.rstrip("._/-") for word in words}
