"""The shapes of saved searches and digests over HTTP."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from marketplace.demands.services import corpora
from marketplace.interests import selectors
from marketplace.interests.models import Digest, Frequency, Interest, InterestKind, Weekday

HOUR: dict[str, Any] = {"min_value": 0, "max_value": 23, "required": False, "help_text": "A full hour of Asia/Shanghai."}


class InterestSerializer(serializers.ModelSerializer[Interest]):
    """One saved search. Paused, it keeps its `next_at`, at which nothing happens."""

    paused = serializers.BooleanField(source="is_paused", read_only=True)

    class Meta:
        model = Interest
        fields = (
            "id",
            "name",
            "kind",
            "text",
            "region_codes",
            "industry_codes",
            "readiness",
            "frequency",
            "weekday",
            "hour",
            "quiet_from",
            "quiet_until",
            "by_mail",
            "paused",
            "next_at",
            "created_at",
        )
        read_only_fields = fields


class InterestInput(serializers.Serializer[Any]):
    """What may be written; a search asks for at least one of topic, region, industry and readiness."""

    name = serializers.CharField(max_length=60, required=False, allow_blank=True, help_text="The topic's words where none is given.")
    kind = serializers.ChoiceField(choices=InterestKind.choices)
    text = serializers.CharField(max_length=200, required=False, allow_blank=True)
    region_codes = serializers.ListField(child=serializers.CharField(max_length=6), max_length=50, required=False)
    industry_codes = serializers.ListField(child=serializers.CharField(max_length=2), max_length=97, required=False)
    readiness = serializers.IntegerField(
        min_value=1,
        max_value=9,
        required=False,
        allow_null=True,
        help_text="The least that a solution has, the most that a demand wants; teams and experts have none.",
    )
    frequency = serializers.ChoiceField(choices=Frequency.choices, required=False)
    weekday = serializers.ChoiceField(choices=Weekday.choices, required=False, help_text="0 is Monday; of a weekly digest.")
    hour = serializers.IntegerField(**HOUR)
    quiet_from = serializers.IntegerField(**HOUR)
    quiet_until = serializers.IntegerField(**{**HOUR, "help_text": "Equal to `quiet_from`: no quiet hours."})
    by_mail = serializers.BooleanField(required=False)


class InterestChange(InterestInput):
    kind = serializers.ChoiceField(choices=InterestKind.choices, required=False)
    paused = serializers.BooleanField(required=False)


class DigestItemSerializer(serializers.Serializer[Any]):
    """One thing; `title` is null once it is no longer public."""

    id = serializers.UUIDField(source="item.object_id")
    title = serializers.SerializerMethodField()
    score = serializers.FloatField(source="item.score", allow_null=True)
    words = serializers.ListField(child=serializers.CharField(), source="item.words")

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_title(self, shown: selectors.Shown) -> str | None:
        return corpora.title_of(shown.thing) if shown.thing else None


class DigestLineSerializer(serializers.ModelSerializer[Digest]):
    number = serializers.IntegerField(read_only=True, help_text="How many things were in it.")

    class Meta:
        model = Digest
        fields: tuple[str, ...] = ("id", "interest", "name", "kind", "due_at", "made_at", "mailed_at", "number")
        read_only_fields: tuple[str, ...] = fields


class DigestSerializer(DigestLineSerializer):
    items = serializers.SerializerMethodField()

    class Meta(DigestLineSerializer.Meta):
        fields = (*DigestLineSerializer.Meta.fields, "items")
        read_only_fields = fields

    @extend_schema_field(DigestItemSerializer(many=True))
    def get_items(self, digest: Digest) -> Any:
        return DigestItemSerializer(selectors.shown(digest), many=True).data
