"""Search in both languages without an extension: tokens made here, kept in a tsvector, found by a GIN index."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.search import SearchVectorField
from django.db.models import Lookup, Model
from django.db.models.sql.compiler import SQLCompiler

_UNSPACED = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
_PIECE = re.compile(rf"[{_UNSPACED}]+|(?:(?![{_UNSPACED}])[^\W_])+")
_HAN = re.compile(rf"[{_UNSPACED}]")
_LONGEST_TOKEN = 64
MOST_QUERY_TOKENS = 40

if TYPE_CHECKING:
    _Vector = SearchVectorField[Any, Any]
else:
    _Vector = SearchVectorField


def is_chinese(text: str) -> bool:
    """Whether a text has any character that is written without spaces: it then belongs to the Chinese side."""
    return _HAN.search(text) is not None


def _pieces(text: str) -> list[str]:
    return _PIECE.findall(unicodedata.normalize("NFKC", text).lower())


def tokens(text: str) -> list[str]:
    """What a text is found by: words, pairs of neighbouring characters, and the last character of each run.

    Every character thus begins some token, so a single one is found as a prefix.
    """
    found: dict[str, None] = {}
    for piece in _pieces(text):
        if is_chinese(piece):
            found.update(dict.fromkeys(piece[at : at + 2] for at in range(len(piece))))
        else:
            found[piece[:_LONGEST_TOKEN]] = None
    return list(found)


def query(text: str) -> str:
    """The tsquery of what someone typed: every pair must occur, words and lone characters as prefixes."""
    wanted: dict[str, None] = {}
    for piece in _pieces(text):
        if is_chinese(piece) and len(piece) > 1:
            wanted.update(dict.fromkeys(f"'{piece[at : at + 2]}'" for at in range(len(piece) - 1)))
        else:
            wanted[f"'{piece[:_LONGEST_TOKEN]}':*"] = None
    return " & ".join(list(wanted)[:MOST_QUERY_TOKENS])


class SearchField(_Vector):
    """A tsvector that follows the named fields of its own row, made anew at every save.

    Find rows with `filter(search__finds="锂电池 coating")`; give the model a GinIndex on it, and `defer` it in lists.
    """

    def __init__(self, *, sources: Sequence[str] = (), **options: Any) -> None:
        self.sources = tuple(sources)
        options |= {"editable": False}
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "sources": self.sources}

    def pre_save(self, model_instance: Model, add: bool) -> list[str]:  # noqa: FBT001 - Django's signature
        return tokens("\n".join(self._texts(model_instance)))

    def _texts(self, row: Model) -> Iterable[str]:
        for source in self.sources:
            value = getattr(row, source)
            yield "\n".join(value) if isinstance(value, list) else str(value)

    def get_placeholder(self, value: Any, compiler: SQLCompiler, connection: Any) -> str:
        return "array_to_tsvector(%s::text[])"


@SearchField.register_lookup
class Finds(Lookup[Any]):
    """`field__finds=text`: the row has all that was typed. A text without any letter finds nothing."""

    lookup_name = "finds"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        left, params = self.process_lhs(compiler, connection)
        return f"{left} @@ %s::tsquery", (*params, query(str(self.rhs)))
