"""What the matcher keeps: a copy of the public texts, numbered so that every process can read what changed since it last looked."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class Corpus(models.Model):
    """A set of documents that are ranked against each other; its row is the lock and the counter of its changes."""

    name = models.CharField(max_length=32, primary_key=True)
    # Tells a corpus from another one of the same name, such as the one before a restore: numbers alone would look alike.
    lineage = models.UUIDField(default=uuid.uuid4, editable=False)
    generation = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.generation}"


class Document(models.Model):
    """A document as the owner last handed it in; one that is not public, or was removed, leaves its number and none of its text."""

    corpus = models.ForeignKey(Corpus, on_delete=models.PROTECT, related_name="documents")
    object_id = models.UUIDField()
    fields = models.JSONField(default=dict)
    attributes = models.JSONField(default=dict)
    public = models.BooleanField()
    content_hash = models.CharField(max_length=64, blank=True)
    version = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["corpus", "object_id"], name="matching_document_once"),
            models.CheckConstraint(
                condition=Q(public=True) | Q(fields={}, attributes={}, content_hash=""), name="matching_document_hidden_has_no_text"
            ),
        ]
        indexes = [models.Index(fields=["corpus", "version"], name="matching_document_changes")]

    def __str__(self) -> str:
        return f"{self.corpus_id} {self.object_id}"


class Reading(models.Model):
    """What was read of a demand's text, so that a night reads only what changed; it goes with the text.

    It holds for one change of the document and one reader: a way of reading with a table of names.
    """

    document = models.OneToOneField(Document, on_delete=models.CASCADE, primary_key=True, related_name="reading")
    version = models.PositiveBigIntegerField()
    reader = models.CharField(max_length=64)
    terms = models.BinaryField()

    def __str__(self) -> str:
        return f"reading of {self.document_id} {self.version}"


class LexiconVersion(models.Model):
    """A state of the table of names; the database refuses to change or delete one. Where there is none, the program's own table holds."""

    number = models.PositiveIntegerField(primary_key=True)
    at = models.DateTimeField()
    by = models.UUIDField(null=True)
    reason = models.CharField(max_length=300)
    # Of the whole table as a file: whoever holds the file can tell that this is what was in force.
    sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"lexicon {self.number}"


class LexiconRow(models.Model):
    """What one version says of one concept: its names from now on, or none, where it was withdrawn."""

    version = models.ForeignKey(LexiconVersion, on_delete=models.PROTECT, related_name="rows")
    concept = models.CharField(max_length=60)
    chinese = models.JSONField(default=list)
    english = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["concept", "version"], name="matching_concept_once_a_version"),
            models.CheckConstraint(
                condition=Q(chinese=[], english=[]) | (~Q(chinese=[]) & ~Q(english=[])), name="matching_concept_named_in_both_or_withdrawn"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.concept} {self.version_id}"


class Run(models.Model):
    """One matching of all demands against one corpus of supply; of the finished ones at most one serves, and at most one is under way."""

    corpus = models.CharField(max_length=32)
    started_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True)
    serving = models.BooleanField(default=False)
    # How many demands were ranked, counted as the blocks are put together.
    demands = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["corpus"], condition=Q(finished_at=None), name="matching_run_one_under_way"),
            models.UniqueConstraint(fields=["corpus"], condition=Q(serving=True), name="matching_run_one_serves"),
            models.CheckConstraint(condition=Q(serving=False) | Q(finished_at__isnull=False), name="matching_run_serves_once_finished"),
        ]

    def __str__(self) -> str:
        return f"{self.corpus} {self.started_at}"


class Piece(models.Model):
    """What one process ranks at a time: a block of demands against a shard of supply, both told by ids from first up to the last.

    What it found stands here until the block is put together: how many documents for each demand in turn, and these with their scores.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="pieces", db_index=False)
    block = models.PositiveIntegerField()
    shard = models.PositiveIntegerField()
    demands_from = models.UUIDField(null=True)
    demands_until = models.UUIDField(null=True)
    supply_from = models.UUIDField(null=True)
    supply_until = models.UUIDField(null=True)
    done_at = models.DateTimeField(null=True)
    merged_at = models.DateTimeField(null=True)
    # Which states of both corpora and of the table of names were looked at: only answers about the same ones are put together.
    standing = models.CharField(max_length=200, blank=True)
    demands = ArrayField(models.UUIDField(), default=list)
    counts = ArrayField(models.PositiveSmallIntegerField(), default=list)
    found = ArrayField(models.UUIDField(), default=list)
    scores = ArrayField(models.FloatField(), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "block", "shard"], name="matching_piece_once"),
            models.CheckConstraint(
                condition=Q(merged_at=None) | Q(done_at__isnull=False, found=[]), name="matching_piece_emptied_if_merged"
            ),
        ]

    def __str__(self) -> str:
        return f"block {self.block}, shard {self.shard} of run {self.run_id}"


class Place(models.Model):
    """Where a document stands among the ten that a demand gets in one run; `lifted` says that the guaranteed place put it there."""

    # The constraints below begin with it: another index would only cost.
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="places", db_index=False)
    demand_id = models.UUIDField()
    object_id = models.UUIDField()
    score = models.FloatField()
    rank = models.PositiveSmallIntegerField()
    lifted = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "demand_id", "rank"], name="matching_place_once"),
            models.UniqueConstraint(fields=["run", "object_id", "demand_id"], name="matching_place_one_a_document"),
            models.CheckConstraint(condition=Q(rank__gte=1, rank__lte=10), name="matching_place_among_ten"),
        ]

    def __str__(self) -> str:
        return f"{self.rank} of {self.demand_id}"


class MixVersion(models.Model):
    """A learned mix with the figures it reached; the database refuses to change or delete one, and to say that one holds which does not."""

    number = models.PositiveIntegerField(primary_key=True)
    at = models.DateTimeField()
    by = models.UUIDField(null=True)
    # What it was learned from, as names of labelled sets and of kinds of signals.
    sources = models.JSONField()
    # A factor in thousandths for each class of terms that does not count as in the fixed mix, and the hash of that.
    factors = models.JSONField()
    sha256 = models.CharField(max_length=64)
    demands = models.PositiveIntegerField()
    pairs = models.PositiveIntegerField()
    # nDCG@10 of the fixed mix, of mixes learned from other demands than those they ranked, and how often chance makes such a difference.
    fixed = models.FloatField()
    learned = models.FloatField()
    chance = models.FloatField()
    holds = models.BooleanField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(holds=False) | Q(learned__gt=F("fixed"), chance__lt=0.05, demands__gte=50, pairs__gte=500),
                name="matching_mix_holds_if_better",
            ),
        ]

    def __str__(self) -> str:
        return f"mix {self.number}"


class MixSwitch(models.Model):
    """Which mix is used from now on, none for the fixed one; the latest row counts, and none is ever changed."""

    at = models.DateTimeField()
    by = models.UUIDField(null=True)
    reason = models.CharField(max_length=300)
    version = models.ForeignKey(MixVersion, on_delete=models.PROTECT, null=True, related_name="switches")

    def __str__(self) -> str:
        return f"switch {self.pk} to {self.version_id}"
