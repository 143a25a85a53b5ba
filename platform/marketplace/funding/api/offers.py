"""Terms and use of funds as the API shows and takes them: one shape for each instrument, made from its schema."""

from typing import Any

from django.utils.translation import override
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from marketplace.funding.models import PlanLine, SpendingCategory
from marketplace.funding.terms import PRESENT, Schema
from marketplace.funding.terms.fields import LONGEST, Choice, Field, Whole


def _fields_of(field: Field) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
    with override("en"):
        told = str(field.label)
    if isinstance(field, Whole):
        return {field.name: serializers.IntegerField(min_value=field.least, max_value=field.most, help_text=f"{told} ({field.unit.value})")}
    if isinstance(field, Choice):
        return {field.name: serializers.ChoiceField(choices=list(field.options), help_text=told)}
    texts = {key: serializers.CharField(max_length=LONGEST, allow_blank=True, required=False, help_text=told) for key in field.keys}
    return dict(texts)


def _shape_of(schema: Schema) -> type[serializers.Serializer[Any]]:
    """A serializer that documents this schema; the rules themselves are the schema's own."""
    shown: dict[str, Any] = {
        "instrument": serializers.ChoiceField(choices=[schema.instrument.value]),
        "version": serializers.CharField(max_length=20, required=False, help_text=f"At present {schema.version}."),
    }
    for field in schema.fields:
        shown |= _fields_of(field)
    name = "".join(part.title() for part in schema.instrument.value.split("_"))
    told = f"The terms of a {schema.instrument.value.replace('_', ' ')}."
    return type(f"{name}TermsSerializer", (serializers.Serializer,), {"__doc__": told, **shown})


SHAPES: dict[str, Any] = {instrument: _shape_of(schema) for instrument, schema in PRESENT.items()}


@extend_schema_field(PolymorphicProxySerializer(component_name="Terms", serializers=SHAPES, resource_type_field_name="instrument"))
class TermsField(serializers.DictField):
    """The terms of one instrument, which `instrument` chooses; what may stand is decided by the service, with a sentence per value."""


class UseOfFundsSerializer(serializers.ModelSerializer[PlanLine]):
    """One line: what so many fen of the optimum are spent on."""

    category_label = serializers.CharField(source="get_category_display", read_only=True)

    class Meta:
        model = PlanLine
        fields = ("ordinal", "category", "category_label", "purpose_zh", "purpose_en", "fen")
        read_only_fields = fields


class UseOfFundsInput(serializers.Serializer[Any]):
    """One line; all lines sum to the optimum when the campaign is submitted."""

    category = serializers.ChoiceField(choices=SpendingCategory.choices)
    purpose_zh = serializers.CharField(max_length=120, required=False, allow_blank=True)
    purpose_en = serializers.CharField(max_length=200, required=False, allow_blank=True)
    fen = serializers.IntegerField(min_value=1, max_value=10**15)
