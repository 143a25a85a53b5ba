"""The tables of the ledger. Triggers, checks and grants beside them stand in migration 0002."""

from typing import ClassVar

from django.contrib.postgres.indexes import BrinIndex, HashIndex
from django.db import models
from django.db.models.functions import Now

from ledger.engine.rotation import KINDS


class Subject(models.Model):
    """The private link between an intent and the object it speaks of; one row per intent, never removed.

    It is written before the intent and for ever, so that the same id cannot be recorded twice, not even after the
    intent has left the inbox.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    kind = models.CharField(max_length=40)
    object_id = models.UUIDField()
    type = models.CharField(max_length=80)
    public = models.BooleanField()
    money = models.BooleanField()

    class Meta:
        db_table = "ledger_subject"
        indexes: ClassVar = [models.Index(fields=["kind", "object_id"], name="ledger_subject_object")]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"


class Handle(models.Model):
    """An object's 32-byte secret, under which its pseudonyms on the log are made."""

    kind = models.CharField(max_length=40)
    object_id = models.UUIDField()
    secret = models.BinaryField(max_length=32)

    class Meta:
        db_table = "ledger_handle"
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "object_id"], name="ledger_handle_of_object")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class Disclosure(models.Model):
    """The value and salt behind one commitment: what may be shown to the permitted, and erased."""

    intent_id = models.UUIDField()
    label = models.CharField(max_length=80)
    value = models.BinaryField()
    salt = models.BinaryField(max_length=32)

    class Meta:
        db_table = "ledger_disclosure"
        constraints: ClassVar = [models.UniqueConstraint(fields=["intent_id", "label"], name="ledger_disclosure_label")]

    def __str__(self) -> str:
        return f"{self.intent_id} {self.label}"


class Inbox(models.Model):
    """A finished intent that waits for its place in the log."""

    position = models.BigAutoField(primary_key=True)
    id = models.UUIDField(unique=True, editable=False)
    fields = models.BinaryField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "ledger_inbox"

    def __str__(self) -> str:
        return str(self.id)


class Entry(models.Model):
    """One leaf of the log: `bytes` are what was hashed, the other columns an index that audits compare with them."""

    seq = models.BigIntegerField(primary_key=True)
    id = models.UUIDField(unique=True, editable=False)
    type = models.CharField(max_length=80)
    at = models.DateTimeField()
    leaf_hash = models.BinaryField(max_length=32)
    bytes = models.BinaryField()
    sequenced_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "ledger_entry"
        indexes: ClassVar = [
            # The few entries that say which keys may sign are found without reading the log.
            models.Index(fields=["seq"], condition=models.Q(type__in=list(KINDS)), name="ledger_entry_keys"),
            # What readers look up: a type's newest entries, one leaf hash, the days of a month.
            models.Index(fields=["type", "-seq"], name="ledger_entry_type"),
            HashIndex(fields=["leaf_hash"], name="ledger_entry_leaf"),
            BrinIndex(fields=["at"], name="ledger_entry_at"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.type}"


class Head(models.Model):
    """The one row that sequencers lock: the log's name, how many entries it has, and the last one's leaf hash."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    origin = models.CharField(max_length=255)
    height = models.BigIntegerField(default=0)
    tail = models.CharField(max_length=64)

    class Meta:
        db_table = "ledger_head"
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(id=1), name="ledger_head_is_one")]

    def __str__(self) -> str:
        return f"{self.origin} {self.height}"


class TreeTile(models.Model):
    """The hashes of one tile of the tree so far, which only grow; and the row of nodes four levels above them, which the database makes."""

    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hashes = models.BinaryField()
    halfway = models.GeneratedField(
        expression=models.Func("hashes", function="ledger_tile_halfway"), output_field=models.BinaryField(), db_persist=True
    )

    class Meta:
        db_table = "ledger_tile"
        constraints: ClassVar = [models.UniqueConstraint(fields=["level", "index"], name="ledger_tile_place")]

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class SignedCheckpoint(models.Model):
    """One published checkpoint: the signed note as it is served, and the key that signed it."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    note = models.TextField()
    vkey = models.CharField(max_length=400)
    signed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "ledger_checkpoint"

    def __str__(self) -> str:
        return f"{self.size}"


class Cosignature(models.Model):
    """One witness's cosignature line on a published checkpoint, and when the witness says that it signed; the newest one is served."""

    checkpoint = models.ForeignKey(SignedCheckpoint, on_delete=models.PROTECT, db_column="size", related_name="cosignatures")
    vkey = models.CharField(max_length=400)
    line = models.TextField()
    cosigned_at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "ledger_cosignature"
        constraints: ClassVar = [models.UniqueConstraint(fields=["checkpoint", "vkey", "cosigned_at"], name="ledger_cosignature_once")]
        indexes: ClassVar = [models.Index(fields=["vkey", "-checkpoint"], name="ledger_cosignature_newest")]

    def __str__(self) -> str:
        return f"{self.checkpoint_id} {self.vkey}"
