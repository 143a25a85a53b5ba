"""What payouts and bank accounts look like from outside."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from marketplace.common.actor import actor_of
from marketplace.funding.models import BankAccount, Payout
from marketplace.workflow.api import ActionSerializer, action_links


class BankAccountSerializer(serializers.ModelSerializer[BankAccount]):
    """An account with its number masked."""

    number = serializers.CharField(source="masked", read_only=True)

    class Meta:
        model = BankAccount
        fields = ("id", "organisation", "holder_name", "number", "bank_name", "created_at", "verified_at", "frozen_until", "replaced_at")
        read_only_fields = fields


class BankAccountInput(serializers.Serializer[Any]):
    holder_name = serializers.CharField(max_length=160)
    number = serializers.CharField(max_length=60)
    bank_name = serializers.CharField(max_length=120)


class PayoutRowSerializer(serializers.ModelSerializer[Payout]):
    """One row of payouts; `gateway` says whether a bank or the sandbox answers."""

    organisation_name = serializers.CharField(source="organisation.name", read_only=True)
    state_label = serializers.CharField(read_only=True)
    bank_account = BankAccountSerializer(read_only=True, allow_null=True)
    gateway = serializers.CharField(read_only=True, help_text="Empty until the payout is sent.")

    class Meta:
        model = Payout
        fields: tuple[str, ...] = (
            "id",
            "organisation",
            "organisation_name",
            "state",
            "state_label",
            "fen",
            "purpose_kind",
            "purpose_id",
            "reference",
            "bank_account",
            "payable_from",
            "gateway",
            "paid_at",
            "note",
            "created_at",
            "due_at",
        )
        read_only_fields: tuple[str, ...] = fields


class PayoutSerializer(PayoutRowSerializer):
    """The whole payout with the caller's actions."""

    actions = serializers.SerializerMethodField()

    class Meta(PayoutRowSerializer.Meta):
        fields = (*PayoutRowSerializer.Meta.fields, "actions")
        read_only_fields = fields

    @extend_schema_field(ActionSerializer(many=True))
    def get_actions(self, payout: Payout) -> Any:
        return action_links(payout, actor_of(self.context["request"]), "/api/v1/payouts/")
