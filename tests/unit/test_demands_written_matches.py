"""Matches written as text: byte for byte what REST framework writes of the same values."""

from typing import Any
from uuid import UUID

import pytest
from rest_framework.renderers import JSONRenderer

from marketplace.demands.api.written import Rows, RowsRenderer, match_written
from marketplace.demands.services.highlighting import Piece, laid_out
from matching.app.services import Match, SoftShare, TermShare

ID = UUID("0190b5a1-0000-7000-8000-0000000000ab")
TITLE = 'a "title" \\ with\tall\x01 \u2028 \u2029 电池 🔋 </script>'
THEIRS = laid_out(
    {
        "title": [Piece("title_zh", "电池 cell"), Piece("title_en", "cell")],
        "body": [Piece("summary_zh", '"x"\u2028y')],
        "keywords": [Piece("keywords_zh", "电池", 0), Piece("keywords_zh", "cell", 1)],
    }
)
OURS = laid_out({"title": [], "body": [], "keywords": [Piece("keywords", "cell", 0)]})
MATCH = Match(
    ID,
    0.1 + 0.2,
    (
        TermShare("cell\ncell", 1e-07, "title", ((3, 12),)),
        TermShare('"x"\u2028y', 0.25, "body", ((0, 5),)),
        TermShare("cell", 0.05, "keywords", ((3, 7),)),
        TermShare("changed since", 0.0, "body", ((0, 13),)),
    ),
    (TermShare("cell", 0.3, "keywords", ((0, 4),)),),
    (SoftShare("industry", 0.01), SoftShare("region", 0.005)),
    ("\u2029", "未提到"),
    lifted=True,
)
ROW: dict[str, Any] = {
    "id": str(ID),
    "title": TITLE,
    "score": 0.30000000000000004,
    "terms": [
        {
            "text": "cell\ncell",
            "share": 1e-07,
            "field": "title",
            "places": [
                {"field": "title_zh", "item": None, "start": 3, "end": 7},
                {"field": "title_en", "item": None, "start": 0, "end": 4},
            ],
        },
        {"text": '"x"\u2028y', "share": 0.25, "field": "body", "places": [{"field": "summary_zh", "item": None, "start": 0, "end": 5}]},
        {"text": "cell", "share": 0.05, "field": "keywords", "places": [{"field": "keywords_zh", "item": 1, "start": 0, "end": 4}]},
        {"text": "changed since", "share": 0.0, "field": "body", "places": []},
    ],
    "asked": [{"text": "cell", "share": 0.3, "field": "keywords", "places": [{"field": "keywords", "item": 0, "start": 0, "end": 4}]}],
    "soft": [{"name": "industry", "share": 0.01}, {"name": "region", "share": 0.005}],
    "uncovered": ["\u2029", "未提到"],
    "lifted": True,
}
BARE = Match(ID, 0.0, (), (), (), ())


@pytest.mark.parametrize("asked", ["application/json", "application/json; indent=2"])
def test_a_match_that_is_written_is_the_same_to_the_byte(asked: str) -> None:
    rows = [ROW, ROW | {"title": "", "score": 0.0, "terms": [], "asked": [], "soft": [], "uncovered": [], "lifted": False}]
    written = Rows([match_written(MATCH, TITLE, THEIRS, OURS), match_written(BARE, "", THEIRS, OURS)])
    assert RowsRenderer().render(written, asked, {}) == JSONRenderer().render(rows, asked, {})


def test_what_is_no_row_is_written_as_ever() -> None:
    refused = {"detail": "\u2028", "status": 404}
    assert RowsRenderer().render(Rows([]), None, None) == b"[]"
    assert RowsRenderer().render(refused, None, None) == JSONRenderer().render(refused)
