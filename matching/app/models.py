"""What the matcher keeps: a copy of the public texts, numbered so that every process can read what changed since it last looked."""

import uuid

from django.db import models
from django.db.models import Q


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
