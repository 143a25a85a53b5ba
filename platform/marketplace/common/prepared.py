"""Statements that the ORM writes once and that are only sent afterwards: to write one costs many times what it costs to send it.

For what stands in the way of every change. What is sent and what is read is word for word what the ORM would send and read.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.models import Field, Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.query import ModelIterable, get_related_populators

R = TypeVar("R")
Fields = tuple[tuple[Field[Any, Any], str, type | None], ...]

# What stands for a value of each type while the question is written; found again among the parameters.
_STAND_INS: dict[type, Callable[[int], Any]] = {
    UUID: lambda place: uuid4(),
    str: lambda place: f"stand-in {place} {uuid4()}",
    int: lambda place: 2**40 + place,
    datetime: lambda place: datetime(1901, 1, 1 + place, tzinfo=UTC),
    date: lambda place: date(1901, 1, 1 + place),
    list: lambda place: [f"stand-in {place} {uuid4()}"],
}
# What a column of exactly this class sends as it is: there is nothing to prepare.
_AS_IT_IS: dict[type[Any], type] = {
    models.CharField: str,
    models.TextField: str,
    models.UUIDField: UUID,
    models.BooleanField: bool,
    models.DateTimeField: datetime,
    models.IntegerField: int,
    models.BigIntegerField: int,
    models.SmallIntegerField: int,
    models.PositiveIntegerField: int,
    models.PositiveSmallIntegerField: int,
    models.PositiveBigIntegerField: int,
}
# Under this name a connection's own cursor is kept beside it.
_KEPT = "_cursor_of_prepared"
# Of more rows at once the writing is no matter.
_FEW = 8


class Prepared(Generic[R]):
    """A question to the database with places for values, each of a given type.

    `write` makes the query set, of objects or of `values_list` rows, and is called once, with stand-ins: it may not look at them.
    """

    def __init__(self, write: Callable[..., QuerySet[Any, R]], *types: type) -> None:
        self._write, self._types = write, types
        self._written: _Written | None = None

    def all(self, *values: Any) -> list[R]:
        """Ask with these values; each is brought to its type. TransactionManagementError for a lock outside a transaction."""
        written = self._written
        if written is None:
            written = self._written = self._writing()
        here = connections[DEFAULT_DB_ALIAS]
        if written.locks and not here.in_atomic_block:
            raise transaction.TransactionManagementError("A row is locked inside a transaction.")
        given = [one if type(one) is kind else kind(one) for one, kind in zip(values, self._types, strict=True)]
        sent = [constant if place is None else given[place] for place, constant in written.parameters]
        with kept_cursor() as cursor:
            cursor.execute(written.sentence, sent)
            rows = cursor.fetchall()
        if written.converters:
            rows = [_converted(row, written.converters, here) for row in rows]
        return [written.read(row) for row in rows]

    def first(self, *values: Any) -> R | None:
        """The first of the rows, or None; for questions that end after one."""
        found = self.all(*values)
        return found[0] if found else None

    def _writing(self) -> "_Written":
        stand_ins = [_STAND_INS[kind](place) for place, kind in enumerate(self._types)]
        rows = self._write(*stand_ins)
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        sentence, parameters = compiler.as_sql()
        converters = compiler.get_converters([column for column, *_ in compiler.select])
        places = tuple(next(((place, None) for place, one in enumerate(stand_ins) if one == value), (None, value)) for value in parameters)
        if {place for place, _ in places if place is not None} != set(range(len(stand_ins))):
            raise TypeError(f"A value has no place of its own in: {sentence}")
        of_objects = rows._iterable_class is ModelIterable  # noqa: SLF001 - the ORM's own way to tell
        convert = tuple((place, tuple(functions), column) for place, (functions, column) in converters.items())
        read = _reader(compiler) if of_objects else lambda row: tuple(row[: compiler.col_count])
        return _Written(sentence, places, convert, read, rows.query.select_for_update)


@dataclass(frozen=True, slots=True)
class _Written:
    """A question as the ORM has written it: where values stand in it, how a row becomes what is asked for, whether it locks."""

    sentence: str
    parameters: tuple[tuple[int | None, Any], ...]
    converters: tuple[tuple[int, tuple[Any, ...], Any], ...]
    read: Callable[[Sequence[Any]], Any]
    locks: bool


def kept_cursor() -> AbstractContextManager[Any]:
    """A cursor; within a transaction one and the same for as long as the connection lasts, as a new one costs more than most statements.

    Whoever uses it reads all of an answer before the next statement is sent. Where statements are being captured, it is a new one.
    """
    here: Any = connections[DEFAULT_DB_ALIAS]
    if not here.in_atomic_block or here.queries_logged:
        fresh: AbstractContextManager[Any] = here.cursor()
        return fresh
    kept = here.__dict__.get(_KEPT)
    if kept is None or kept.cursor.connection is not here.connection or kept.cursor.closed:
        kept = here.__dict__[_KEPT] = here.cursor()
    return nullcontext(kept)


def _converted(row: Sequence[Any], converters: Sequence[tuple[int, tuple[Any, ...], Any]], here: Any) -> list[Any]:
    """A row whose columns have passed their fields' own converters."""
    values = list(row)
    for place, functions, column in converters:
        for convert in functions:
            values[place] = convert(values[place], column, here)
    return values


def _reader(compiler: Any) -> Callable[[Sequence[Any]], Any]:
    """How `ModelIterable` makes an object of a row, worked out once: the model's columns, what is joined, what is computed."""
    info = compiler.klass_info
    first, behind = info["select_fields"][0], info["select_fields"][-1] + 1
    names = [column.target.attname for column, *_ in compiler.select[first:behind]]
    joined = get_related_populators(info, compiler.select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # the stubs are of a later Django
    computed = compiler.annotation_col_map or {}
    make = _maker(info["model"], names)

    def read(row: Sequence[Any]) -> Any:
        made = make(row[first:behind])
        for populator in joined:
            populator.populate(row, made)
        for name, place in computed.items():
            setattr(made, name, row[place])
        return made

    return read


def _maker(model: type[Model], names: Sequence[str]) -> Callable[[Sequence[Any]], Any]:
    """How an object is made of its columns: as `from_db` leaves it, by one step where the model has no say in it, and without signals."""
    if model.__init__ is not Model.__init__ or model.from_db.__func__ is not Model.from_db.__func__:  # type: ignore[attr-defined]
        return lambda values: model.from_db(DEFAULT_DB_ALIAS, names, values)

    def make(values: Sequence[Any]) -> Any:
        made = model.__new__(model)
        made.__dict__.update(zip(names, values, strict=True))
        made.__dict__["_state"] = state = ModelState()
        state.adding, state.db = False, DEFAULT_DB_ALIAS
        return made

    return make


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
    with kept_cursor() as cursor:
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
    with kept_cursor() as cursor:
        told = f"UPDATE {names} SET {places}"  # noqa: S608 - the model's own names # nosec B608
        cursor.execute(told, [*_values(here, row, fields, new=False), row.pk])
        if cursor.rowcount != 1:
            raise model.DoesNotExist(f"{model._meta.label} {row.pk} is gone")  # type: ignore[attr-defined]  # every model has it


@cache
def _shape(model: type[Model], *, new: bool) -> tuple[str, str, Fields, str]:
    """Table (with its columns for a new row), places, the fields in order with name and kind, and what is read back."""
    quote, meta = connections[DEFAULT_DB_ALIAS].ops.quote_name, model._meta
    given = new and meta.auto_field is not None
    fields = tuple(field for field in meta.local_concrete_fields if not field.generated and not (field.primary_key and (given or not new)))
    known = tuple((field, field.attname, _kind(field)) for field in fields)
    places = [_place(field) for field in fields]
    columns = [quote(str(field.column)) for field in fields]
    table, key = quote(meta.db_table), quote(str(meta.pk.column))
    if new:
        return f"{table} ({', '.join(columns)})", f"({', '.join(places)})", known, f" RETURNING {key}" if given else ""
    pairs = ", ".join(f"{column} = {place}" for column, place in zip(columns, places, strict=True))
    return table, f"{pairs} WHERE {key} = %s", known, ""


def _place(field: Any) -> str:
    return str(field.get_placeholder(None, None, connections[DEFAULT_DB_ALIAS])) if hasattr(field, "get_placeholder") else "%s"


def _values(here: Any, row: Model, fields: Fields, *, new: bool) -> list[Any]:
    if row._state.fields_cache:  # noqa: SLF001 - where nothing is joined, there is nothing to check
        _check_what_is_joined(row)
    values = []
    for field, name, kind in fields:
        value: Any = getattr(row, name)
        if kind is None or not (value is None or (type(value) is kind and (kind is not datetime or getattr(value, "tzinfo", None)))):
            value = field.get_db_prep_save(field.pre_save(row, new), here)
        values.append(value)
    return values


def _kind(field: Any) -> type | None:
    """Of which type this field's values are sent as they are, None for none; a link's are those of the key that it leads to."""
    end = field.target_field if type(field) in (models.ForeignKey, models.OneToOneField) else field
    by_itself = getattr(end, "auto_now", False) or getattr(end, "auto_now_add", False)
    return None if by_itself else _AS_IT_IS.get(type(end))


def _check_what_is_joined(row: Any) -> None:
    row._prepare_related_fields_for_save(operation_name="save")  # noqa: SLF001 - as every save of the ORM begins
