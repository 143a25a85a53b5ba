"""A query as weights of terms, each part divided by the most it could reach."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from matching.engine.config import Config
from matching.engine.documents import Query
from matching.engine.lexicon import equivalents
from matching.engine.segment import Vocabulary
from matching.engine.silencing import silenced
from matching.engine.statistics import FULL_WEIGHT, Statistics
from matching.engine.tokenising import is_beginning, is_sequence, terms


@dataclass(frozen=True, slots=True)
class WeightedTerm:
    """A term of the query, its column (None where no document ever held it), and the most it can give to a document's words, in 2**-32."""

    term: str
    column: int | None
    units: int


def telling_parts(query: Query, config: Config) -> tuple[str, ...]:
    """Return the parts without the words that say nothing about the subject, or as they are where nothing else is said."""
    return _read(query, config)[0]


def _read(query: Query, config: Config) -> tuple[tuple[str, ...], list[Counter[str]]]:
    """Return the telling parts, and how often each holds each term."""
    told = tuple(silenced(text[: config.max_field_chars]) for text in query.parts)
    counts = [Counter(terms(text, limit=config.max_field_chars)) for text in told]
    if any(counts) or told == query.parts:
        return told, counts
    return query.parts, [Counter(terms(text, limit=config.max_field_chars)) for text in query.parts]


def _counted(text: str, counts: Counter[str], held: Callable[[str], int], config: Config) -> dict[str, float]:
    """Return how much each term of a part counts: as often as it stands there, and other names of what is named a little less.

    Other names that no document uses are left out: they could only make every score smaller.
    """
    counted: dict[str, float] = {
        term: config.other_name_weight * min(times, config.repeat_cap)
        for term, times in equivalents(text, limit=config.max_field_chars).items()
        if held(term)
    }
    return counted | {term: float(min(times, config.repeat_cap)) for term, times in counts.items()}


def weigh(query: Query, vocabulary: Vocabulary, statistics: Statistics, config: Config) -> tuple[WeightedTerm, ...]:
    """Return the query's terms in alphabetical order with weights that add up to 1, or nothing where the query holds no term.

    A part of the query (title, body, keywords) divides its terms' rarities by their sum, which is what a document that held all of them
    without end would reach: no figure of another document enters, so shards, deltas and hidden documents cannot move it.
    """
    told, read = _read(query, config)

    def held(term: str) -> int:
        return statistics.held(vocabulary.get(term))

    parts = [
        (share, _counted(text, counts, held, config))
        for share, text, counts in zip(config.query_weights, told, read, strict=True)
        if counts
    ]
    columns = {term: vocabulary.get(term) for _, counts in parts for term in counts}
    worth = {term: _view(term, config) * statistics.rarity(column) ** config.rarity_power for term, column in columns.items()}
    whole = sum(share for share, _ in parts)
    weights: dict[str, float] = {}
    for share, counts in parts:
        bound = sum(times * worth[term] for term, times in sorted(counts.items()))
        for term, times in counts.items():
            weights[term] = weights.get(term, 0.0) + share / whole * times * worth[term] / bound
    heaviest = sorted(weights, key=lambda term: (-weights[term], term))[: config.max_query_terms]
    return tuple(WeightedTerm(term, columns[term], round(weights[term] * FULL_WEIGHT)) for term in sorted(heaviest))


def _view(term: str, config: Config) -> float:
    """Return what a term counts beside a word of its own."""
    if is_beginning(term):
        return config.beginning_weight
    return config.sequence_weight if is_sequence(term) else 1.0
