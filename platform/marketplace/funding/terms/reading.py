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
    for each `terms.<name>` that may not stand, and one at `terms` for names that the schema does not have.
    """
    schema = PRESENT.get(str(given.get("instrument", "")))
    if schema is None:
        known = ", ".join(PRESENT)
        told = bi(f"请选择出资方式：{known}。", f"Choose an instrument: {known}.")
        raise Invalid(told, fields={"terms.instrument": [told]})
    faults: dict[str, Any] = {}
    if given.get("version", schema.version) != schema.version:
        faults["version"] = bi(f"现行版本是 {schema.version}。", f"The present version is {schema.version}.")
    for field in schema.fields:
        faults |= field.faults(given)
    if not faults:
        faults = schema.rule(given)
    fields = {f"terms.{name}": [told] for name, told in faults.items()}
    if any(name not in (*FORMAT, *schema.keys) for name in given):
        # What somebody else has named is not said again: it may be of any length, and of characters that nothing can send.
        known = ", ".join(schema.keys)
        fields["terms"] = [bi(f"此出资方式只有这些条款：{known}。", f"The terms of this instrument are: {known}.")]
    if fields:
        raise Invalid(next(iter(fields.values()))[0], fields=fields)
    kept = {key: _kept(given.get(key, "")) for key in schema.keys}
    return {"instrument": schema.instrument.value, "version": schema.version, **kept}


def schema_of(terms: Mapping[str, Any]) -> Schema:
    """The schema by which these terms were written; KeyError for terms that never were."""
    return SCHEMAS[terms["instrument"], terms["version"]]


def hash_of(terms: Mapping[str, Any]) -> str:
    """SHA-256 in hex over the terms as canonical JSON (RFC 8785 profile): what every pledge accepts."""
    return hashing.sha256_of(dict(terms))


def revenue_cap_bp(terms: Mapping[str, Any]) -> int | None:
    """The cap on all funders' later revenue, in basis points of what they paid in: 0 without a share in it, None without terms."""
    return int(terms.get("cap_bp", 0)) if terms else None


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
