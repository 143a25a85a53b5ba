"""Shapes of the API that are worked out once say what is wrong in the language of whoever asks."""

from django.utils import translation
from rest_framework import serializers

from marketplace.common.shapes import Input


class Body(Input):
    reason = serializers.CharField(max_length=3)
    number = serializers.IntegerField(min_value=1)


def refusals(language: str) -> dict[str, str]:
    with translation.override(language):
        body = Body(data={"reason": "four", "number": 0})
        assert not body.is_valid()
        return {name: str(told[0]) for name, told in body.errors.items()}


def test_a_refusal_is_in_the_language_of_its_reader_whoever_was_refused_before() -> None:
    assert refusals("zh-hans") == {"reason": "请确保这个字段不能超过 3 个字符。", "number": "请确保该值大于或者等于 1。"}
    assert refusals("en") == {
        "reason": "Ensure this field has no more than 3 characters.",
        "number": "Ensure this value is greater than or equal to 1.",
    }
