"""What the API of accounts takes and shows."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from marketplace.accounts import acting
from marketplace.accounts.models import (
    Affiliation,
    ApiKey,
    Invitation,
    MemberRole,
    Membership,
    Organisation,
    Person,
    StaffAppointment,
    StaffRole,
)
from marketplace.accounts.models.keys import KeyScope
from marketplace.accounts.models.people import Language
from marketplace.common.codes import regions
from marketplace.workflow.api import ActionSerializer, action_links


class OrganisationSerializer(serializers.ModelSerializer[Organisation]):
    """An organisation as anyone who may see it sees it; reasons only for its members and the staff."""

    state_label = serializers.CharField(read_only=True)
    region = serializers.SerializerMethodField()
    decision_reason = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()

    class Meta:
        model = Organisation
        fields = (
            "id", "kind", "name_zh", "name_en", "uscc", "region_code", "region", "state", "state_label",
            "due_at", "verified_at", "decision_reason", "created_at", "actions",
        )  # fmt: skip
        read_only_fields = fields

    def get_region(self, row: Organisation) -> str:
        return regions.name_of(row.region_code)

    def get_decision_reason(self, row: Organisation) -> str:
        actor = acting.actor_of(self.context["request"])
        return row.decision_reason if actor.staff or actor.organisation_id == row.pk else ""

    @extend_schema_field(ActionSerializer(many=True))
    def get_actions(self, row: Organisation) -> list[dict[str, Any]]:
        return action_links(row, acting.actor_of(self.context["request"]), "/api/v1/organisations/")


class OrganisationBrief(serializers.ModelSerializer[Organisation]):
    class Meta:
        model = Organisation
        fields = ("id", "kind", "name_zh", "name_en", "state")
        read_only_fields = fields


class NewOrganisation(serializers.Serializer[Any]):
    kind = serializers.CharField()
    name_zh = serializers.CharField(max_length=120, allow_blank=True, default="")
    name_en = serializers.CharField(max_length=160, allow_blank=True, default="")
    uscc = serializers.CharField(max_length=40)
    region_code = serializers.CharField(max_length=6)


class PersonBrief(serializers.ModelSerializer[Person]):
    class Meta:
        model = Person
        fields = ("id", "name", "email")
        read_only_fields = fields


class MembershipOut(serializers.ModelSerializer[Membership]):
    organisation = OrganisationBrief()

    class Meta:
        model = Membership
        fields = ("organisation", "roles")
        read_only_fields = fields


class MemberOut(serializers.ModelSerializer[Membership]):
    person = PersonBrief()

    class Meta:
        model = Membership
        fields = ("person", "roles", "created_at")
        read_only_fields = fields


class RolesInput(serializers.Serializer[Any]):
    roles = serializers.ListField(child=serializers.ChoiceField(choices=MemberRole.choices), min_length=1)


class InvitationInput(RolesInput):
    email = serializers.EmailField()


class InvitationOut(serializers.ModelSerializer[Invitation]):
    organisation = OrganisationBrief()

    class Meta:
        model = Invitation
        fields = ("id", "organisation", "email", "roles", "created_at", "expires_at")
        read_only_fields = fields


class AffiliationInput(serializers.Serializer[Any]):
    organisation = serializers.UUIDField()


class AffiliationOut(serializers.ModelSerializer[Affiliation]):
    first = OrganisationBrief()
    second = OrganisationBrief()

    class Meta:
        model = Affiliation
        fields = ("id", "first", "second", "created_at")
        read_only_fields = fields


class MeOut(serializers.Serializer[Any]):
    """The caller: the person, for whom they act now, and for whom they could."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()
    language = serializers.ChoiceField(choices=Language.choices)
    organisation_id = serializers.UUIDField(allow_null=True)
    organisation_kind = serializers.CharField(allow_null=True)
    verified = serializers.BooleanField()
    roles = serializers.ListField(child=serializers.CharField())
    staff = serializers.CharField(allow_null=True)
    staff_region = serializers.CharField(allow_null=True)
    scopes = serializers.ListField(child=serializers.CharField())
    memberships = MembershipOut(many=True)
    invitations = InvitationOut(many=True)


class MeInput(serializers.ModelSerializer[Person]):
    class Meta:
        model = Person
        fields = ("name", "language")
        extra_kwargs = {"name": {"allow_blank": False}}


class AppointmentInput(serializers.Serializer[Any]):
    email = serializers.EmailField()
    role = serializers.ChoiceField(choices=StaffRole.choices)
    region_code = serializers.CharField(max_length=6, allow_blank=True, default="")


class AppointmentOut(serializers.ModelSerializer[StaffAppointment]):
    person = PersonBrief()

    class Meta:
        model = StaffAppointment
        fields = ("id", "person", "role", "region_code", "created_at", "ended_at")
        read_only_fields = fields


class ApiKeyInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=60)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=KeyScope.choices), min_length=1)
    days = serializers.IntegerField(min_value=1, default=90)


class ApiKeyOut(serializers.ModelSerializer[ApiKey]):
    class Meta:
        model = ApiKey
        fields: ClassVar[tuple[str, ...]] = (
            "id", "name", "organisation_id", "prefix", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at",
        )  # fmt: skip
        read_only_fields: ClassVar[tuple[str, ...]] = fields


class NewApiKeyOut(ApiKeyOut):
    """A key just made, with the token that nobody can read again."""

    token = serializers.CharField(read_only=True)

    class Meta(ApiKeyOut.Meta):
        fields = (*ApiKeyOut.Meta.fields, "token")


class TermsOut(serializers.Serializer[Any]):
    """The terms of service in force."""

    version = serializers.CharField()
    zh = serializers.ListField(child=serializers.CharField())
    en = serializers.ListField(child=serializers.CharField())
    sha256 = serializers.CharField()
