"""How certificates and deposits look over HTTP."""

import base64
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ledger.app import services as ledger
from marketplace.evidence import selectors
from marketplace.evidence.models import Deposit, Timestamp
from marketplace.evidence.services.depositing import LARGEST_STATED


class FieldShape(serializers.Serializer[Any]):
    """One value behind a commitment; `key` chooses it."""

    key = serializers.CharField()
    name = serializers.CharField(source="label")
    value = serializers.JSONField()


class EntryShape(serializers.Serializer[Any]):
    """One proven ledger entry of the object or of one of its parts, and what of it can be disclosed."""

    seq = serializers.IntegerField(source="row.seq")
    kind = serializers.CharField(source="row.kind")
    object = serializers.UUIDField(source="row.object_id")
    type = serializers.CharField(source="row.type")
    at = serializers.DateTimeField(source="row.at")
    leaf_hash = serializers.CharField(source="row.leaf_hash")
    can_disclose = FieldShape(source="fields", many=True)


class OfferShape(serializers.Serializer[Any]):
    """What a certificate of an object can hold for the caller."""

    kind = serializers.CharField(source="source.kind")
    title = serializers.CharField()
    entries = EntryShape(source="lines", many=True)
    documents = serializers.SerializerMethodField()
    waiting = serializers.IntegerField(help_text="Entries that are not under a signed checkpoint yet.")

    def get_documents(self, offer: Any) -> list[str]:
        return [document.name for document in offer.documents]


class CertificateInput(serializers.Serializer[Any]):
    """What to disclose: the keys of fields, all of them where none are named."""

    disclose = serializers.ListField(child=serializers.CharField(max_length=200), required=False, max_length=2000)
    particulars = serializers.BooleanField(default=True, help_text="Print parties, keys and amounts.")
    documents = serializers.BooleanField(default=True, help_text="Put the documents themselves into the file.")


class CoveredShape(serializers.Serializer[Any]):
    """Place and hash of one covered entry."""

    seq = serializers.IntegerField()
    leaf_hash = serializers.CharField()


class CertificateShape(serializers.Serializer[Any]):
    """What whoever can name its number may know of a certificate; addresses of its files for the side that asked."""

    number = serializers.CharField()
    kind = serializers.CharField()
    issued_at = serializers.DateTimeField()
    log_size = serializers.IntegerField()
    entries = CoveredShape(many=True)
    zip = serializers.CharField(allow_null=True)
    pdf = serializers.CharField(allow_null=True)


class DepositInput(serializers.Serializer[Any]):
    """A file, or its SHA-256; the file is read and forgotten unless `keep` says otherwise."""

    title = serializers.CharField(max_length=200)
    sha256 = serializers.CharField(max_length=64, required=False, allow_blank=True)
    size = serializers.IntegerField(min_value=0, max_value=LARGEST_STATED, required=False)
    file = serializers.FileField(required=False, max_length=255)
    keep = serializers.BooleanField(default=False)


class DepositRowSerializer(serializers.ModelSerializer[Deposit]):
    """One deposit in a list."""

    kept = serializers.BooleanField(source="is_kept")

    class Meta:
        model = Deposit
        fields = ("id", "title", "sha256", "size", "kept", "made_at")
        read_only_fields = fields


class ReceiptShape(serializers.Serializer[Any]):
    """What became of the ledger entry."""

    status = serializers.CharField()
    seq = serializers.IntegerField(allow_null=True)
    leaf_hash = serializers.CharField(allow_null=True)


class DepositSerializer(DepositRowSerializer):
    """One deposit with its receipt and the depositor's earlier ones of the same hash."""

    receipt = serializers.SerializerMethodField()
    earlier = serializers.SerializerMethodField()

    class Meta:
        model = Deposit
        fields = (*DepositRowSerializer.Meta.fields, "receipt", "earlier")
        read_only_fields = fields

    @extend_schema_field(ReceiptShape)
    def get_receipt(self, deposit: Deposit) -> Any:
        return ReceiptShape(ledger.receipt(deposit.pk)).data

    @extend_schema_field(DepositRowSerializer(many=True))
    def get_earlier(self, deposit: Deposit) -> Any:
        return DepositRowSerializer(selectors.earlier_of(deposit), many=True).data


class TimestampSerializer(serializers.ModelSerializer[Timestamp]):
    """One stamped checkpoint: `openssl ts -verify -data note -in token -CAfile roots` checks it, the token decoded from base64."""

    token = serializers.SerializerMethodField()

    class Meta:
        model = Timestamp
        fields = ("size", "authority", "stamped_at", "note", "token")
        read_only_fields = fields

    def get_token(self, stamped: Timestamp) -> str:
        return base64.b64encode(bytes(stamped.token)).decode()
