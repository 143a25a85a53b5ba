"""What balances, movements and bank statements look like from outside."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from marketplace.common.actor import actor_of
from marketplace.common.text import pick
from marketplace.treasury.labels import label_of
from marketplace.treasury.models import AccountKind, BankStatement, LineDecision, StatementLine, TopUpReference, TransferKind
from marketplace.treasury.selectors import Movement
from marketplace.treasury.services.topups import shown
from marketplace.workflow.api import ActionSerializer, action_links


class BalanceSerializer(serializers.Serializer[Any]):
    """A wallet in fen: what is there, what of it is held, what is left, and what is held elsewhere for it."""

    currency = serializers.CharField()
    posted_fen = serializers.IntegerField()
    held_fen = serializers.IntegerField()
    available_fen = serializers.IntegerField()
    incoming_fen = serializers.IntegerField()
    debt_fen = serializers.IntegerField(help_text="Owed because the bank took money back; what comes in repays it first.")


class DebtSerializer(serializers.Serializer[Any]):
    """What one organisation owes, in fen, and since when it first did."""

    organisation = serializers.UUIDField(source="owner_id")
    organisation_name = serializers.SerializerMethodField()
    fen = serializers.IntegerField(source="owed")
    since = serializers.DateTimeField(source="created_at")

    def get_organisation_name(self, debt: Any) -> str:
        return pick(debt.name_zh, debt.name_en)


class MovementSerializer(serializers.Serializer[Any]):
    """One row of an account's statement; `group` is the id of the ledger record that proves it."""

    id = serializers.UUIDField(source="transfer.id")
    group = serializers.UUIDField(source="transfer.group_id")
    at = serializers.DateTimeField(source="transfer.created_at")
    kind = serializers.ChoiceField(source="transfer.kind", choices=TransferKind.values)
    direction = serializers.ChoiceField(choices=["in", "out"])
    fen = serializers.IntegerField(source="transfer.fen")
    currency = serializers.CharField(source="transfer.currency")
    code = serializers.CharField(source="transfer.code")
    purpose = serializers.SerializerMethodField(help_text="The code in words.")
    counterpart = serializers.ChoiceField(choices=AccountKind.values)

    def get_purpose(self, movement: Movement) -> str:
        return str(label_of(movement.transfer.code))


class TopUpReferenceSerializer(serializers.ModelSerializer[TopUpReference]):
    """The code to write into a bank transfer, as it is and as people write it."""

    shown = serializers.SerializerMethodField()

    class Meta:
        model = TopUpReference
        fields = ("code", "shown", "created_at")

    def get_shown(self, reference: TopUpReference) -> str:
        return shown(reference.code)


class FaultSerializer(serializers.Serializer[Any]):
    """One line that was not taken."""

    line = serializers.IntegerField()
    field = serializers.CharField(allow_blank=True)
    reason = serializers.SerializerMethodField()

    def get_reason(self, fault: dict[str, Any]) -> str:
        return pick(fault["zh"], fault["en"])


class StatementLineSerializer(serializers.ModelSerializer[StatementLine]):
    """One line of the bank's account and whether it is booked; waiting ones have empty `matched_*`."""

    status = serializers.SerializerMethodField()

    class Meta:
        model = StatementLine
        fields = (
            "id",
            "number",
            "bank_line_id",
            "booked_at",
            "fen",
            "direction",
            "payer_name",
            "payer_account",
            "reference",
            "status",
            "matched_kind",
            "matched_id",
            "matched_at",
            "matched_by",
        )

    @extend_schema_field(serializers.ChoiceField(choices=["waiting", "matched", "assigned"]))
    def get_status(self, line: StatementLine) -> str:
        if line.is_waiting:
            return "waiting"
        return "assigned" if line.matched_by else "matched"


class BankStatementSerializer(serializers.ModelSerializer[BankStatement]):
    """One imported file: what was taken, what was known before, what was faulty."""

    faults = FaultSerializer(many=True)
    lines_taken = serializers.IntegerField()
    lines_waiting = serializers.IntegerField()

    class Meta:
        model = BankStatement
        fields: tuple[str, ...] = (
            "id", "name", "sha256", "created_at", "lines_taken", "lines_known", "lines_waiting", "faults",
            "closing_fen", "closing_on",
        )  # fmt: skip


class LinePageSerializer(serializers.Serializer[Any]):
    """A page of a statement's lines."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = StatementLineSerializer(many=True)


class ReconciliationSerializer(serializers.Serializer[Any]):
    """The bank's closing balance against the books as they are now."""

    closing_fen = serializers.IntegerField()
    expected_fen = serializers.IntegerField()
    difference_fen = serializers.IntegerField(help_text="closing_fen less expected_fen: 0 when they agree.")


class BankStatementDetailSerializer(BankStatementSerializer):
    """The statement with a page of its lines, in the file's order."""

    lines = LinePageSerializer(read_only=True)
    reconciliation = ReconciliationSerializer(allow_null=True, read_only=True, help_text="Null where the file names no balance.")

    class Meta(BankStatementSerializer.Meta):
        fields = (*BankStatementSerializer.Meta.fields, "reconciliation", "lines")


class StatementUpload(serializers.Serializer[Any]):
    """The bank's file: our own CSV columns, or camt.053."""

    file = serializers.FileField(max_length=255)


class AssignInput(serializers.Serializer[Any]):
    """Whose money it is; null when it goes back to its sender."""

    organisation_id = serializers.UUIDField(allow_null=True)


class ExplainInput(serializers.Serializer[Any]):
    """The bank's id of the top-up that was taken back; empty for a charge of the bank's own."""

    top_up = serializers.CharField(max_length=64, allow_blank=True)


class CallOffInput(serializers.Serializer[Any]):
    """Whose wallet the money of a return belongs in instead; whoever agrees names the same."""

    organisation_id = serializers.UUIDField()


class LineDecisionSerializer(serializers.ModelSerializer[LineDecision]):
    """What one officer proposed for a line, and what became of it; `actions` are for a second officer."""

    state_label = serializers.CharField(read_only=True)
    actions = serializers.SerializerMethodField()

    class Meta:
        model = LineDecision
        fields = (
            "id",
            "line",
            "kind",
            "organisation",
            "top_up",
            "state",
            "state_label",
            "reference",
            "refused_by",
            "call_off_to",
            "call_off_by",
            "note",
            "created_at",
            "due_at",
            "actions",
        )
        read_only_fields = fields

    @extend_schema_field(ActionSerializer(many=True))
    def get_actions(self, decision: LineDecision) -> Any:
        return action_links(decision, actor_of(self.context["request"]), "/api/v1/line-decisions/")
