"""The shapes of supply over HTTP."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from marketplace.catalogue.models import Achievement, Expert, ImportFault, ImportRun, IprStatus, Team
from marketplace.common.actor import actor_of
from marketplace.workflow.api import ActionSerializer, action_links


class NamedSerializer(serializers.Serializer[Any]):
    """Something with a name in both languages."""

    id = serializers.UUIDField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()


class Linked(serializers.Serializer[Any]):
    """What an object's own representation has beyond its line in a list."""

    base: str
    actions = serializers.SerializerMethodField()

    @extend_schema_field(ActionSerializer(many=True))
    def get_actions(self, obj: Any) -> list[dict[str, Any]]:
        return action_links(obj, actor_of(self.context["request"]), self.base)


COMMON = ["id", "state", "state_label", "organisation", "region_code", "created_at", "updated_at"]


class TeamLineSerializer(serializers.ModelSerializer[Team]):
    organisation = NamedSerializer()
    state_label = serializers.CharField()

    class Meta:
        model = Team
        fields = (
            *COMMON,
            "ref",
            "name_zh",
            "name_en",
            "principal_investigator",
            "summary_zh",
            "summary_en",
            "capabilities_zh",
            "capabilities_en",
            "industry_codes",
        )


class TeamSerializer(Linked, TeamLineSerializer):
    base = "/api/v1/teams/"

    class Meta(TeamLineSerializer.Meta):
        fields = (*TeamLineSerializer.Meta.fields, "actions")


class ExpertLineSerializer(serializers.ModelSerializer[Expert]):
    organisation = NamedSerializer()
    state_label = serializers.CharField()
    name = serializers.CharField(source="person.name")

    class Meta:
        model = Expert
        fields = (*COMMON, "name", "fields_zh", "fields_en", "summary_zh", "summary_en", "industry_codes")


class ExpertSerializer(Linked, ExpertLineSerializer):
    base = "/api/v1/experts/"

    class Meta(ExpertLineSerializer.Meta):
        fields = (*ExpertLineSerializer.Meta.fields, "actions")


class AchievementLineSerializer(serializers.ModelSerializer[Achievement]):
    organisation = NamedSerializer()
    team = NamedSerializer(allow_null=True)
    state_label = serializers.CharField()

    class Meta:
        model = Achievement
        fields = (
            *COMMON,
            "ref",
            "team",
            "title_zh",
            "title_en",
            "summary_zh",
            "summary_en",
            "keywords_zh",
            "keywords_en",
            "industry_code",
            "readiness",
            "ipr_status",
            "protected_until",
            "price_fen",
            "declared",
            "expires_at",
        )


class AchievementSerializer(Linked, AchievementLineSerializer):
    base = "/api/v1/achievements/"

    class Meta(AchievementLineSerializer.Meta):
        fields = (*AchievementLineSerializer.Meta.fields, "actions")


def _words(longest: int) -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(max_length=longest), max_length=30, required=False)


class IndustriesInput(serializers.Serializer[Any]):
    region_code = serializers.CharField(max_length=6, required=False)
    industry_codes = serializers.ListField(child=serializers.CharField(max_length=2), max_length=97, required=False)
    summary_zh = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    summary_en = serializers.CharField(max_length=6000, required=False, allow_blank=True)


class TeamInput(IndustriesInput):
    ref = serializers.CharField(max_length=64, required=False, allow_blank=True)
    name_zh = serializers.CharField(max_length=120, required=False, allow_blank=True)
    name_en = serializers.CharField(max_length=160, required=False, allow_blank=True)
    principal_investigator = serializers.CharField(max_length=80)
    capabilities_zh = _words(60)
    capabilities_en = _words(60)


class ExpertInput(IndustriesInput):
    fields_zh = _words(60)
    fields_en = _words(60)


class NewExpertInput(ExpertInput):
    person = serializers.UUIDField(help_text="A member of your organisation.")


class AchievementInput(serializers.Serializer[Any]):
    ref = serializers.CharField(max_length=64)
    team = serializers.UUIDField(source="team_id", required=False, allow_null=True)
    title_zh = serializers.CharField(max_length=200, required=False, allow_blank=True)
    title_en = serializers.CharField(max_length=300, required=False, allow_blank=True)
    summary_zh = serializers.CharField(max_length=8000, required=False, allow_blank=True)
    summary_en = serializers.CharField(max_length=12000, required=False, allow_blank=True)
    keywords_zh = _words(60)
    keywords_en = _words(120)
    industry_code = serializers.CharField(max_length=2, required=False, allow_blank=True)
    region_code = serializers.CharField(max_length=6, required=False)
    readiness = serializers.IntegerField(min_value=1, max_value=9, required=False, allow_null=True)
    ipr_status = serializers.ChoiceField(choices=IprStatus.choices, required=False)
    protected_until = serializers.DateField(
        required=False, allow_null=True, help_text="The last day of a granted patent or a software copyright."
    )
    price_fen = serializers.IntegerField(
        min_value=1, max_value=10**15, required=False, allow_null=True, help_text="None: to be negotiated."
    )


class AmendInput(serializers.Serializer[Any]):
    """What may be changed of a published achievement; it is then declared by its institution and not verified."""

    protected_until = serializers.DateField(allow_null=True, help_text="The last day of its granted patent or software copyright, or null.")


class ImportInput(serializers.Serializer[Any]):
    kind = serializers.CharField(max_length=32, help_text="achievements or demands")
    file = serializers.FileField(help_text=".jsonl, .csv or .xlsx, UTF-8")


class ImportFaultSerializer(serializers.ModelSerializer[ImportFault]):
    class Meta:
        model = ImportFault
        fields = ("line", "field", "reason", "reason_zh", "reason_en")


class ImportRunSerializer(serializers.ModelSerializer[ImportRun]):
    """`handled` of `total` rows are in; `root` and the run's id name the ledger entry once it is done."""

    file_name = serializers.CharField(source="file.name")
    file_sha256 = serializers.CharField(source="file.sha256")
    failure = serializers.CharField()

    class Meta:
        model = ImportRun
        fields = (
            "id",
            "kind",
            "phase",
            "total",
            "handled",
            "created",
            "updated",
            "unchanged",
            "bad",
            "root",
            "failure",
            "file_name",
            "file_sha256",
            "created_at",
            "finished_at",
        )


class ImportRunDetailSerializer(ImportRunSerializer):
    """With the first faults; all that are kept are at `errors/`."""

    faults = serializers.SerializerMethodField()

    class Meta:
        model = ImportRun
        fields = (*ImportRunSerializer.Meta.fields, "faults")

    @extend_schema_field(ImportFaultSerializer(many=True))
    def get_faults(self, run: ImportRun) -> Any:
        return ImportFaultSerializer(run.faults.order_by("line")[:20], many=True).data
