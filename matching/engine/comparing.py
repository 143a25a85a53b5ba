"""Plain rankings to be compared with, and whether a difference is more than chance."""

import re
from collections.abc import Callable, Collection, Mapping

import numpy as np
import rjieba
from numpy.typing import NDArray
from scipy import sparse

from matching.engine.evaluating import LabelledSet, Measured, measured
from matching.engine.tokenising import is_pair, is_single, is_view, terms

_SATURATION, _LENGTH_PENALTY = 1.5, 0.75
_SPACED = re.compile(r"[^\W_]", re.UNICODE)
_DRAWS = 10_000


def plain_words(text: str) -> list[str]:
    """Return dictionary words of Chinese, and of everything else the words that the platform's ranking reads too."""
    found = [term for term in terms(text, limit=len(text)) if not is_view(term) and not is_single(term) and not is_pair(term)]
    if not text.isascii():
        found += [word for word in rjieba.cut(text.lower()) if not word.isascii() and _SPACED.match(word)]
    return found


def tfidf(texts: list[str], queries: list[str]) -> NDArray[np.float64]:
    """Return the cosines of queries (rows) and texts (columns): scikit-learn's TfidfVectorizer as it comes, over plain words."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - takes a second to load

    vectoriser = TfidfVectorizer(analyzer=plain_words)
    weighed = vectoriser.fit_transform(texts)
    scores: NDArray[np.float64] = (vectoriser.transform(queries) @ weighed.T).toarray()
    return scores


def bm25(texts: list[str], queries: list[str]) -> NDArray[np.float64]:
    """Return BM25 scores of queries (rows) and texts (columns) over plain words, with the figures common elsewhere: k1 1.5, b 0.75."""
    from sklearn.feature_extraction.text import CountVectorizer  # noqa: PLC0415 - takes a second to load

    counter = CountVectorizer(analyzer=plain_words)
    counts = counter.fit_transform(texts).astype(np.float64).tocsr()
    lengths = np.asarray(counts.sum(axis=1)).reshape(-1)
    held = np.bincount(counts.indices, minlength=counts.shape[1])
    rarity = np.log1p((len(texts) - held + 0.5) / (held + 0.5))
    halfway = _SATURATION * (1.0 - _LENGTH_PENALTY + _LENGTH_PENALTY * lengths / max(lengths.mean(), 1e-9))
    gains = counts.data / (counts.data + np.repeat(halfway, np.diff(counts.indptr))) * rarity[counts.indices]
    weighed = sparse.csr_array((gains, counts.indices, counts.indptr), shape=counts.shape)
    scores: NDArray[np.float64] = (counter.transform(queries) @ weighed.T).toarray()
    return scores


BASELINES: Mapping[str, Callable[[list[str], list[str]], NDArray[np.float64]]] = {"bm25": bm25, "tfidf": tfidf}


def evaluate_baseline(name: str, labelled: LabelledSet, *, pool: bool = False) -> Measured:
    """Measure one of BASELINES on all the text there is of documents and queries."""
    texts = ["\n".join(document.fields) for document in labelled.documents]
    scores = BASELINES[name](texts, ["\n".join(query.parts) for query in labelled.queries.values()])
    ids = np.array([document.id for document in labelled.documents])
    row_of = {id_: row for row, id_ in enumerate(labelled.queries)}
    column_of = {document.id: column for column, document in enumerate(labelled.documents)}

    def rank(id_: str, among: Collection[str] | None) -> list[str]:
        columns = (
            np.arange(len(ids)) if among is None else np.array([column_of[each] for each in sorted(among) if each in column_of], dtype=int)
        )
        found = scores[row_of[id_]][columns]
        order = np.lexsort((ids[columns], -found))[:100]
        return [str(ids[columns[at]]) for at in order if found[at] > 0]

    return measured(labelled, rank, pool=pool)


def chance(ours: Measured, theirs: Measured, measure: str, *, seed: int = 0) -> float:
    """Return how often a difference as large comes about when each query's two values change places by the toss of a coin (two-sided).

    Paired randomisation test (Fisher; Smucker, Allan and Carterette 2007), 10,000 draws from a fixed seed.
    """
    differences = np.array([value - theirs.values[measure][id_] for id_, value in ours.values[measure].items()])
    signs = np.random.default_rng(seed).choice((-1.0, 1.0), size=(_DRAWS, len(differences)))
    as_large = np.abs(signs @ differences) >= abs(differences.sum()) - 1e-12
    return float((as_large.sum() + 1) / (_DRAWS + 1))
