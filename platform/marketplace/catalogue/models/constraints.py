"""Conditions that every table of supply shares."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from marketplace.common.codes import industries


def said_in_a_language(name: str, field: str) -> models.CheckConstraint:
    """One of `field`_zh and `field`_en has text; the other may be empty."""
    return models.CheckConstraint(condition=~models.Q(**{f"{field}_zh": ""}) | ~models.Q(**{f"{field}_en": ""}), name=name)


def state_known(name: str, states: list[str]) -> models.CheckConstraint:
    """The state is one of the machine's."""
    return models.CheckConstraint(condition=models.Q(state__in=states), name=name)


def region_is_a_code(name: str) -> models.CheckConstraint:
    """The region is six digits (GB/T 2260)."""
    return models.CheckConstraint(condition=models.Q(region_code__regex=r"^[0-9]{6}$"), name=name)


def words(label: Any, *, longest: int = 60) -> "ArrayField[list[str], list[str]]":
    """A short list of words that people read and search."""
    return ArrayField(models.CharField(max_length=longest), verbose_name=label, default=list, blank=True, size=30)


def industry_codes(label: Any) -> "ArrayField[list[str], list[str]]":
    """Divisions of the industry classification, as two digits each."""
    return ArrayField(models.CharField(max_length=2), verbose_name=label, default=list, blank=True, size=len(industries.DIVISIONS))


def industries_known(name: str) -> models.CheckConstraint:
    """Every code is a division of the classification."""
    return models.CheckConstraint(condition=models.Q(industry_codes__contained_by=sorted(industries.DIVISIONS)), name=name)
