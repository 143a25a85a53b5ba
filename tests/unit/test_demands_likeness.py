"""How alike two texts are: exact figures."""

import pytest

from marketplace.demands.services.suggesting import COMPARED, Draft, _pairs, likeness

TITLE = "碳化硅密封环寿命提升"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Draft(title_zh=TITLE), Draft(title_zh=TITLE), 1.0),
        # Width, case, spaces and punctuation say nothing.
        (Draft(title_en="SiC seal-rings, longer life"), Draft(title_en="ＳＩＣ seal rings longer LIFE"), 1.0),
        # Nine pairs and eleven, of which eight are common: 密封环 | 的 | 寿命 breaks one and adds two.
        (Draft(title_zh=TITLE), Draft(title_zh="碳化硅密封环的寿命提升法"), 2 * 8 / (9 + 11)),
        (Draft(title_zh=TITLE), Draft(title_zh="钠离子电池低温性能"), 0.0),
        # Two short titles are soon alike, and say nothing.
        (Draft(title_zh="密封环"), Draft(title_zh="密封环"), 0.0),
        # In one language the same, in the other different.
        (Draft(title_zh=TITLE, title_en="Seal rings"), Draft(title_zh=TITLE, title_en="Other words altogether"), 1.0),
        (Draft(), Draft(), 0.0),
    ],
)
def test_likeness_is_dice_s_coefficient_of_pairs(one: Draft, other: Draft, expected: float) -> None:
    assert likeness(one, other) == likeness(other, one) == pytest.approx(expected)


def test_what_follows_a_long_text_s_beginning_is_not_compared() -> None:
    begun = "".join(map(chr, range(0x4E00, 0x4E00 + COMPARED)))
    assert likeness(Draft(text_zh=begun + "甲" * 999), Draft(text_zh=begun + "乙" * 999)) == 1.0
    assert _pairs("\ufdfa" * COMPARED).total() < COMPARED  # one letter that stands for eighteen


def test_a_repeated_pair_counts_as_often_as_both_have_it() -> None:
    assert likeness(Draft(title_zh="密封密封密封"), Draft(title_zh="密封密封垫片")) == pytest.approx(2 * 3 / 10)
