"""Terms as given by people: checked, put in order, hashed, and said in words."""

from collections.abc import Mapping
from typing import Any

from marketplace.common import hashing
from marketplace.common.errors import Invalid
from marketplace.common.text import bi
from marketplace.funding.terms.fields import Texts
from marketplace.funding.terms.schemas import PRESENT, SCHEMAS, Schema

FORMAT = ("instrument", "version")
INCOMPLETE = bi("请选择出资方式并填写条款。", "Choose an instrument and write its terms.")


def cleaned(given: Mapping[str, Any]) -> dict[str, Any]:
    """The terms as they are kept: `instrument`, `version` and every value of that schema, nothing else.

    The version may be left out and is then the present one; no other is taken. Raises Invalid with a sentence
    for each `terms.<name>` that may not stand.
    """
    schema = PRESENT.get(str(given.get("instrument", "")))
    if schema is None:
        known = ", ".join(PRESENT)
        raise _refusal({"instrument": bi(f"请选择出资方式：{known}。", f"Choose an instrument: {known}.")})
    faults: dict[str, Any] = {}
    if given.get("version", schema.version) != schema.version:
        faults["version"] = bi(f"现行版本是 {schema.version}。", f"The present version is {schema.version}.")
    for field in schema.fields:
        faults |= field.faults(given)
    if not faults:
        faults = schema.rule(given)
    unknown = bi("此出资方式没有这一项。", "This instrument has no such field.")
    faults |= {str(name): unknown for name in given if name not in (*FORMAT, *schema.keys)}
    if faults:
        raise _refusal(faults)
    kept = {key: _kept(given.get(key, "")) for key in schema.keys}
    return {"instrument": schema.instrument.value, "version": schema.version, **kept}


def schema_of(terms: Mapping[str, Any]) -> Schema:
    """The schema by which these terms were written; KeyError for terms that never were."""
    return SCHEMAS[terms["instrument"], terms["version"]]


def hash_of(terms: Mapping[str, Any]) -> str:
    """SHA-256 in hex over the terms as canonical JSON (RFC 8785 profile): what every pledge accepts."""
    return hashing.sha256_of(dict(terms))


def said(terms: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each of the terms with its label in the reader's language, in order; an empty text says nothing."""
    if not terms:
        return []
    rows = [{"label": field.label, "value": field.words(terms)} for field in schema_of(terms).fields]
    return [row for row in rows if str(row["value"])]


def texts_of(terms: Mapping[str, Any]) -> dict[str, str]:
    """What somebody wrote freely in these terms, by `terms.<name>`."""
    if not terms:
        return {}
    written = [key for field in schema_of(terms).fields if isinstance(field, Texts) for key in field.keys]
    return {f"terms.{key}": terms[key] for key in written}


def _kept(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _refusal(faults: Mapping[str, Any]) -> Invalid:
    fields = {f"terms.{name}": [told] for name, told in faults.items()}
    return Invalid(next(iter(faults.values())), fields=fields)
