"""Statements that the ORM writes once and that are only sent afterwards: to write one costs many times what it costs to send it.

For what stands in the way of every change. What is sent and what is read is word for word what the ORM would send and read.
"""

from collections.abc import Callable, Sequence
from copy import copy
from datetime import UTC, date, datetime
from functools import cache
from types import SimpleNamespace
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Field, Model, QuerySet
from django.db.models.query import ModelIterable

R = TypeVar("R")

# What stands for a value of each type while the question is written; found again among the parameters.
_STAND_INS: dict[type, Callable[[int], Any]] = {
    UUID: lambda place: uuid4(),
    str: lambda place: f"stand-in {place} {uuid4()}",
    int: lambda place: 2**40 + place,
    datetime: lambda place: datetime(1901, 1, 1 + place, tzinfo=UTC),
    date: lambda place: date(1901, 1, 1 + place),
    list: lambda place: [f"stand-in {place} {uuid4()}"],
}
# Of more rows at once the writing is no matter.
_FEW = 8


class Prepared(Generic[R]):
    """A question to the database with places for values, each of a given type.

    `write` makes the query set, of objects or of `values_list` rows, and is called once, with stand-ins: it may not look at them.
    """

    def __init__(self, write: Callable[..., QuerySet[Any, R]], *types: type) -> None:
        self._write, self._types = write, types
        self._written: tuple[Any, str, tuple[tuple[int | None, Any], ...], bool, bool] | None = None

    def all(self, *values: Any) -> list[R]:
        """Ask with these values; each is brought to its type. TransactionManagementError for a lock outside a transaction."""
        query, sentence, parameters, of_objects, locks = self._written or self._writing()
        here = connections[DEFAULT_DB_ALIAS]
        if locks and not here.in_atomic_block:
            raise transaction.TransactionManagementError("A row is locked inside a transaction.")
        given = [one if type(one) is kind else kind(one) for one, kind in zip(values, self._types, strict=True)]
        sent = tuple(constant if place is None else given[place] for place, constant in parameters)
        compiler = copy(query)
        compiler.connection, compiler.as_sql = here, lambda *_, **__: (sentence, sent)
        if of_objects:
            question: Any = SimpleNamespace(get_compiler=lambda using: compiler)
            asked: Any = SimpleNamespace(db=here.alias, query=question, _known_related_objects={})
            return list(ModelIterable(asked))
        return list(compiler.results_iter(tuple_expected=True))

    def first(self, *values: Any) -> R | None:
        """The first of the rows, or None; for questions that end after one."""
        found = self.all(*values)
        return found[0] if found else None

    def _writing(self) -> Any:
        stand_ins = [_STAND_INS[kind](place) for place, kind in enumerate(self._types)]
        rows = self._write(*stand_ins)
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        sentence, parameters = compiler.as_sql()
        converters = compiler.get_converters([column for column, *_ in compiler.select])
        compiler.get_converters = lambda columns: converters
        places = tuple(next(((place, None) for place, one in enumerate(stand_ins) if one == value), (None, value)) for value in parameters)
        if {place for place, _ in places if place is not None} != set(range(len(stand_ins))):
            raise TypeError(f"A value has no place of its own in: {sentence}")
        of_objects = rows._iterable_class is ModelIterable  # noqa: SLF001 - the ORM's own way to tell
        self._written = compiler, sentence, places, of_objects, rows.query.select_for_update
        return self._written


def insert(rows: Sequence[Model]) -> None:
    """Write new rows of one model by one statement, as `bulk_create` would; an identity that the database gives is read back."""
    if not rows:
        return
    model = type(rows[0])
    if len(rows) > _FEW:
        model._base_manager.bulk_create(rows, batch_size=500)
        return
    names, places, fields, returned = _shape(model, new=True)
    told = f"INSERT INTO {names} VALUES {', '.join([places] * len(rows))}{returned}"  # noqa: S608 - the model's own names # nosec B608
    here = connections[DEFAULT_DB_ALIAS]
    with here.cursor() as cursor:
        cursor.execute(told, [value for row in rows for value in _values(here, row, fields, new=True)])
        given = cursor.fetchall() if returned else []
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS  # noqa: SLF001 - documented by Django
    for row, (identity,) in zip(rows, given, strict=bool(returned)):
        row.pk = identity


def update(row: Model) -> None:
    """Write all columns of a row that is there already, as `save` would; the model's DoesNotExist where it is gone."""
    model = type(row)
    names, places, fields, _ = _shape(model, new=False)
    here = connections[DEFAULT_DB_ALIAS]
    with here.cursor() as cursor:
        told = f"UPDATE {names} SET {places}"  # noqa: S608 - the model's own names # nosec B608
        cursor.execute(told, [*_values(here, row, fields, new=False), row.pk])
        if cursor.rowcount != 1:
            raise model.DoesNotExist(f"{model._meta.label} {row.pk} is gone")  # type: ignore[attr-defined]  # every model has it


@cache
def _shape(model: type[Model], *, new: bool) -> tuple[str, str, tuple[Field[Any, Any], ...], str]:
    """Table (with its columns for a new row), places, the fields in order, and what is read back."""
    quote, meta = connections[DEFAULT_DB_ALIAS].ops.quote_name, model._meta
    given = new and meta.auto_field is not None
    fields = tuple(field for field in meta.local_concrete_fields if not field.generated and not (field.primary_key and (given or not new)))
    places = [_place(field) for field in fields]
    columns = [quote(str(field.column)) for field in fields]
    table, key = quote(meta.db_table), quote(str(meta.pk.column))
    if new:
        return f"{table} ({', '.join(columns)})", f"({', '.join(places)})", fields, f" RETURNING {key}" if given else ""
    pairs = ", ".join(f"{column} = {place}" for column, place in zip(columns, places, strict=True))
    return table, f"{pairs} WHERE {key} = %s", fields, ""


def _place(field: Any) -> str:
    return str(field.get_placeholder(None, None, connections[DEFAULT_DB_ALIAS])) if hasattr(field, "get_placeholder") else "%s"


def _values(here: Any, row: Model, fields: Sequence[Field[Any, Any]], *, new: bool) -> list[Any]:
    _check_what_is_joined(row)
    return [field.get_db_prep_save(field.pre_save(row, new), here) for field in fields]


def _check_what_is_joined(row: Any) -> None:
    row._prepare_related_fields_for_save(operation_name="save")  # noqa: SLF001 - as every save of the ORM begins
