"""Ranking a corpus for one who seeks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from matching.app.services.fitting import Fitting, Judge
from matching.app.services.inputs import DEMANDS, Filters, QueryInput, checked_attributes, joined, known_corpus
from matching.app.services.rules import rules_of
from matching.engine import documents as engine
from matching.engine.documents import SoftShare, TermShare

MOST = 1000
Reasons = Literal["all", "shares", "none"]
Order = Literal["fixed", "learned", "neutral"]
FIXED: Order = "fixed"
LEARNED: Order = "learned"
NEUTRAL: Order = "neutral"


@dataclass(frozen=True, slots=True)
class Match:
    """A document found: `terms` and `soft` add up to `score` (0..1), and so do `asked` and `soft`.

    `terms` are stretches of the document's text, `asked` those of the query's text that they answer; a stretch's spans are positions in the
    named field's text as handed in (keywords: one per line). Soft names: industry, region, readiness. `uncovered` is what the demand among
    the two asks and the other one does not mention. `lifted` says that a place kept for the favoured put it where it stands.
    """

    id: UUID
    score: float
    terms: tuple[TermShare, ...]
    asked: tuple[TermShare, ...]
    soft: tuple[SoftShare, ...]
    uncovered: tuple[str, ...]
    lifted: bool = False


def rank(
    *,
    corpus: str,
    query: QueryInput,
    filters: Filters | None = None,
    judge: Judge | None = None,
    k: int = 10,
    reasons: Reasons = "all",
    order: Order = FIXED,
    guaranteed: bool = False,
) -> list[Match]:
    """Return the k best public documents of the corpus that share a term with the query, by score and then by id.

    Only what the `judge` lets pass is found, as if nothing else had ever been handed in; it is asked of the best alone.
    Among each ten at most two name the same team, as long as others are found: the rest of that team's follow on the next ten.
    Sees every committed change, and the caller's own; costs one small query when nothing changed. k is held between 0 and 1000.
    Learned order is that of the learned mix where one is switched on, of the fixed mix otherwise. Neutral order knows the words alone: the
    fixed mix, and no circumstance adds anything.
    Where it is `guaranteed`, one of each ten places is kept for whom the corpus's rules favour (rules.py), if one comes close; never in
    neutral order.
    Reasons take most of the time: whoever needs the shares alone, or none, says so, and what is left out is empty.
    Raises MatchingError for an unknown corpus or attribute.
    """
    # numpy, SciPy and the segmenter are a quarter of a process's start: they are loaded where somebody ranks.
    from matching.app.memory import index_of  # noqa: PLC0415
    from matching.engine.explaining import explain  # noqa: PLC0415
    from matching.engine.spreading import guaranteed_search  # noqa: PLC0415

    # A mix is learned from what demands sought and found: where supply asks, the fixed one holds.
    index = index_of(known_corpus(corpus), learned=order == LEARNED and corpus != DEMANDS)
    circumstances = {} if order == NEUTRAL else checked_attributes(query.attributes)
    sought = engine.Query(query.title, query.body, joined(query.keywords), circumstances, offering=corpus == DEMANDS)
    conditions = _conditions(filters or Filters())
    favoured = _favoured(corpus) if guaranteed and order != NEUTRAL else None
    judged = Fitting(index, sought, conditions, judge).search if judge else lambda depth: index.search(sought, conditions, k=depth)
    hits, lifted = guaranteed_search(judged, min(max(k, 0), MOST), favoured)
    if reasons == "none":
        return [Match(UUID(hit.document.id), hit.score, (), (), (), (), hit.document.id in lifted) for hit in hits]
    return [
        Match(UUID(hit.document.id), hit.score, why.terms, why.asked, why.soft, why.uncovered, hit.document.id in lifted)
        for hit, why in zip(hits, explain(index, sought, hits, uncovered=reasons == "all"), strict=True)
    ]


def _favoured(corpus: str) -> Callable[[Sequence[str]], set[str]]:
    asked = rules_of(corpus).favoured
    return lambda ids: set(map(str, asked([UUID(id_) for id_ in ids])))


def _conditions(filters: Filters) -> engine.Filters:
    return engine.Filters(
        region_codes=filters.region_codes,
        industry_codes=filters.industry_codes,
        kinds=filters.kinds,
        least_readiness=filters.least_readiness,
        excluded_ids=frozenset(map(str, filters.excluded_ids)),
        only_ids=None if filters.only_ids is None else frozenset(map(str, filters.only_ids)),
    )
