"""The shapes of exposure over HTTP: the figures of its page and of its file."""

from typing import Any

from rest_framework import serializers

from matching.app.services import nightly


class ExposureInput(serializers.Serializer[Any]):
    """Whose exposure."""

    corpus = serializers.ChoiceField(choices=nightly.SUPPLY, default=nightly.SUPPLY[0])


class SumsSerializer(serializers.Serializer[Any]):
    """Counts over institutions."""

    published = serializers.IntegerField(help_text="Published things.")
    shown = serializers.IntegerField(help_text="Those of them that stand among the ten of some demand.")
    places = serializers.IntegerField(help_text="Places among the tens of all demands.")
    first = serializers.IntegerField(help_text="First places.")
    lifted = serializers.IntegerField(help_text="Places that the one kept for a new or small institution gave.")


class InstitutionSerializer(SumsSerializer):
    """One institution's counts."""

    organisation = serializers.UUIDField(source="organisation.pk")
    organisation_name = serializers.CharField(source="organisation.name")
    new = serializers.BooleanField()
    small = serializers.BooleanField()


class UnderWaySerializer(serializers.Serializer[Any]):
    """A run that is not complete."""

    started_at = serializers.DateTimeField()
    done = serializers.IntegerField(help_text="Pieces.")
    pieces = serializers.IntegerField()


class ExposureSerializer(serializers.Serializer[Any]):
    """A night's exposure; `at` is null, and all counts of places 0, until a night was complete.

    `gini` (0 to 1) is that of places over all institutions that published anything, 0 where all have equally many. `favoured` are the
    sums over new and small institutions, `total` those over all. Institutions come by their places, the most first.
    """

    corpus = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    demands = serializers.IntegerField(help_text="Demands that the night asked for.")
    answered = serializers.IntegerField(help_text="Those of them that found anything.")
    gini = serializers.FloatField()
    total = SumsSerializer()
    favoured = SumsSerializer()
    under_way = UnderWaySerializer(allow_null=True)
    institutions = InstitutionSerializer(many=True)
