"""`field__among=values`: whether a column's value is one of these, with all of them as one parameter of the statement.

So the sentence is the same for one and for many (`prepared`), which that of `in` and `overlap` is not.
"""

from typing import Any

from django.db.models import Lookup
from django.db.models.sql.compiler import SQLCompiler


class Among(Lookup[Any]):
    """The column's value is one of a list's; of an empty list none is."""

    lookup_name = "among"
    prepare_rhs = False
    sentence = "{} = ANY(%s)"

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, params = self.process_lhs(compiler, connection)
        return self.sentence.format(left), (*params, self.rhs)


class AnyAmong(Among):
    """Any of the column's texts, which are many, is one of a list's."""

    sentence = "{} && %s::varchar[]"
