"""The shapes of the table of names over HTTP."""

from typing import Any

from rest_framework import serializers

from marketplace.common.text import bi
from marketplace.lexicon.services.changing import LONGEST_REASON
from matching.app.services.naming import Version
from matching.engine.concepts import LONGEST, MOST_NAMES

SHIPPED = bi("随程序提供", "Came with the program")
VERSION: dict[str, Any] = {"min_value": 0, "max_value": 2**31 - 1, "required": False}


def _names(words: str) -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(max_length=LONGEST), max_length=MOST_NAMES, help_text=words)


class ConceptSerializer(serializers.Serializer[Any]):
    """One entry; it is known by its first Chinese name, from which its id is made."""

    id = serializers.UUIDField()
    chinese = serializers.ListField(child=serializers.CharField())
    english = serializers.ListField(child=serializers.CharField())


class TableInput(serializers.Serializer[Any]):
    """Which table, and which of its entries."""

    version = serializers.IntegerField(**VERSION, help_text="The table of this version; the one in force where none is given.")
    q = serializers.CharField(max_length=LONGEST, required=False, allow_blank=True, default="", help_text="A part of a name.")


class TableSerializer(serializers.Serializer[Any]):
    """A table; version 0 is the one that came with the program, where nothing was changed yet."""

    version = serializers.IntegerField()
    sha256 = serializers.CharField()
    number = serializers.IntegerField(help_text="How many entries the whole table has.")
    concepts = ConceptSerializer(many=True)


class VersionsInput(serializers.Serializer[Any]):
    """From where on."""

    before = serializers.IntegerField(**VERSION, help_text="Only versions before this one.")


class VersionSerializer(serializers.Serializer[Any]):
    """One change of the table; `sha256` is that of the whole table after it, as CSV."""

    number = serializers.IntegerField()
    at = serializers.DateTimeField()
    reason = serializers.SerializerMethodField(help_text="In the reader's language for version 1, which came with the program.")
    changed = serializers.IntegerField(help_text="How many entries it touched.")
    sha256 = serializers.CharField()

    def get_reason(self, version: Version) -> str:
        """What its author wrote."""
        return version.reason if version.by else str(SHIPPED)


class ChangeInput(serializers.Serializer[Any]):
    """What every change asks for."""

    reason = serializers.CharField(max_length=LONGEST_REASON, help_text="Public, with the table.")


class ConceptInput(ChangeInput):
    """The names of an entry."""

    chinese = _names("The entry is known by the first.")
    english = _names("Abbreviations too.")


class FileInput(ChangeInput):
    """A file of entries."""

    file = serializers.FileField(max_length=255, help_text="CSV in UTF-8, columns chinese,english, names parted by bars.")
