"""Named mappings of banks' columns: kept by finance officers and administrators, chosen when a statement is imported."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import IntegrityError, transaction

from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.common.errors import NotFound
from marketplace.common.text import bi
from marketplace.treasury.errors import ForFinanceOnly, MappingRefused
from marketplace.treasury.models import MappedField, StatementMapping
from marketplace.treasury.permissions import require_keeper_of_mappings

LONGEST = 80
MOST_WORDS = 20
NEEDED = (MappedField.LINE_ID, MappedField.DATE, MappedField.AMOUNT)


def mapping_keep(
    *,
    actor: Actor,
    name: str,
    columns: Mapping[str, str],
    words_in: Sequence[str] = (),
    words_out: Sequence[str] = (),
    encoding: str,
    delimiter: str,
    skip_lines: int,
    date_format: str,
    id: UUID | None = None,
) -> StatementMapping:
    """Keep a mapping, a new one without `id`; what was imported by an earlier form of it stays as it was read.

    Raises NotFound, ForFinanceOnly, MissingScope, MappingRefused.
    """
    require_keeper_of_mappings(actor)
    if actor.person_id is None:
        raise ForFinanceOnly
    named = {key: heading.strip() for key, heading in columns.items() if heading.strip()}
    found_in, found_out = _words(words_in), _words(words_out)
    _check(named, found_in, found_out)
    mapping = StatementMapping() if id is None else StatementMapping.objects.filter(pk=id).first()
    if mapping is None:
        raise NotFound
    mapping.name, mapping.columns, mapping.words_in, mapping.words_out = name.strip(), named, found_in, found_out
    mapping.encoding, mapping.delimiter, mapping.skip_lines, mapping.date_format = encoding, delimiter, skip_lines, date_format
    mapping.kept_by, mapping.kept_at = actor.person_id, clock.now()
    try:
        with transaction.atomic():
            mapping.save()
    except IntegrityError as error:
        raise _refused("name", "已有同名的列映射。", "There is a mapping of this name already.") from error
    return mapping


def _check(columns: Mapping[str, str], words_in: Sequence[str], words_out: Sequence[str]) -> None:
    """Every needed field has a heading, no heading serves twice, and there is one way to tell in from out."""
    for needed in NEEDED:
        if needed not in columns:
            raise _refused(needed, "须填写这一列的列名。", "This column's heading is needed.")
    lowered = [heading.lower() for heading in columns.values()]
    for key, heading in columns.items():
        if key not in MappedField.values:
            raise _refused("columns", f"没有字段 {key}。", f"There is no field {key}.")
        if len(heading) > LONGEST:
            raise _refused(key, f"列名不超过 {LONGEST} 字。", f"A heading has {LONGEST} characters at most.")
        if lowered.count(heading.lower()) > 1:
            raise _refused(key, "同一列名用了两次。", "This heading is named twice.")
    if MappedField.AMOUNT_OUT in columns and MappedField.DIRECTION in columns:
        told = "支出金额与收支方向只能有一列。"
        raise _refused(MappedField.DIRECTION, told, "There is an amount out or a direction, not both.")
    if MappedField.DIRECTION in columns and not (words_in and words_out):
        raise _refused(
            "words_out" if words_in else "words_in",
            "有收支方向一列时，须写明收与支的用词。",
            "Where there is a direction, say which words mean in and out.",
        )
    for key, words in (("words_in", words_in), ("words_out", words_out)):
        if len(words) > MOST_WORDS or any(len(word) > LONGEST for word in words):
            told = f"至多 {MOST_WORDS} 个用词，每个不超过 {LONGEST} 字。"
            raise _refused(key, told, f"At most {MOST_WORDS} words of {LONGEST} characters each.")
    if {word.lower() for word in words_in} & {word.lower() for word in words_out}:
        raise _refused("words_out", "同一用词不能既为收又为支。", "A word cannot mean both in and out.")


def _words(words: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(word.strip() for word in words if word.strip()))


def _refused(field: str, zh: str, en: str) -> MappingRefused:
    text = bi(zh, en)
    return MappingRefused(text, fields={str(field): [text]})
