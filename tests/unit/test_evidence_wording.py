"""What a certificate's reader is told of a value."""

from marketplace.evidence.services.wording import field_words, told


def test_amounts_are_told_in_yuan_and_in_the_fen_that_the_entry_commits_to() -> None:
    assert told("net_fen", 123_456_78, between="\n") == "123,456.78 CNY（12345678 fen）"
    assert told("file_size", 12, between="\n") == "12"


def test_the_parts_of_a_map_are_told_one_after_another_and_words_as_they_are() -> None:
    assert told("body", {"to": "open", "rows": [1, 2], "note": "低温"}, between=" · ") == "to: open · rows: [1, 2] · note: 低温"
    assert (told("reason", "试", between=" · "), str(field_words("no_such_label"))) == ("试", "no_such_label")
