"""Matches written as JSON in one step: an answer has hundreds of places, of which no object is made only to be written."""

import json
from collections.abc import Iterable, Mapping, Sequence
from json.encoder import encode_basestring as quoted
from typing import Any

from rest_framework.renderers import JSONRenderer

from marketplace.demands.services.highlighting import Laid, spots
from matching.app.services import Match, TermShare


class Rows:
    """Rows of a list, each of which is JSON already, without a space or a line break that nobody needs."""

    def __init__(self, rows: Iterable[str]) -> None:
        self.text = f"[{','.join(rows)}]"


class RowsRenderer(JSONRenderer):
    """Sends rows as they are, byte for byte what REST framework writes; it writes anything else, and for whoever wants lines indented."""

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None) -> bytes:
        if isinstance(data, Rows):
            if self.get_indent(accepted_media_type or "", renderer_context or {}) is None:
                # Line breaks to JavaScript, though not to JSON.
                return data.text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").encode()
            data = json.loads(data.text)
        rendered: bytes = super().render(data, accepted_media_type, renderer_context)
        return rendered


def match_written(match: Match, title: str, theirs: Mapping[str, Laid], ours: Mapping[str, Laid]) -> str:
    """One match as MatchSerializer has it: of which title, the text found and the text of the one asked for."""
    soft = ",".join([f'{{"name":{quoted(one.name)},"share":{one.share!r}}}' for one in match.soft])
    return (
        f'{{"id":"{match.id}","title":{quoted(title)},"score":{match.score!r},"terms":[{_stretches(match.terms, theirs)}],'
        f'"asked":[{_stretches(match.asked, ours)}],"soft":[{soft}],"uncovered":[{",".join(map(quoted, match.uncovered))}],'
        f'"lifted":{"true" if match.lifted else "false"}}}'
    )


def _stretches(terms: Sequence[TermShare], laid: Mapping[str, Laid]) -> str:
    return ",".join(
        [
            f'{{"text":{quoted(term.text)},"share":{term.share!r},"field":"{term.field}","places":[{_places(term, laid[term.field])}]}}'
            for term in terms
        ]
    )


def _places(term: TermShare, laid: Laid) -> str:
    return ",".join(
        [
            f'{{"field":"{field}","item":{"null" if item is None else item},"start":{start},"end":{end}}}'
            for field, item, start, end in spots(term, laid)
        ]
    )
