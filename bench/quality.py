"""How good the matcher's ranking is, beside plain BM25 and scikit-learn's TF-IDF, on labelled sets in the layout of `match_eval`.

The sets are not part of the project: those that lie in ../shared/data/matching beside it are measured, others by `manage.py match_eval`.
"""

from pathlib import Path

from figures import Figures

from matching.engine.comparing import BASELINES, chance, evaluate_baseline
from matching.engine.evaluating import evaluate, read_labelled_set
from matching.engine.index import Index

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "matching"
# By name and by whether only the judged documents of each query are ranked.
SETS = (("ccf_bdci2019", True), ("ccf_bdci2019", False), ("scifact", False), ("cranfield", False))
MEASURE = "nDCG@10"


def quality(figures: Figures) -> None:
    """Take nDCG@10 of the platform's configuration beside each plain ranking, and how often chance makes such a difference."""
    for name, pool in SETS:
        if not (FOLDER / name).is_dir():
            figures.tell(f"the labelled set {name} is not there: how good the ranking is was not measured on it")
            continue
        labelled = read_labelled_set(FOLDER / name)
        ours = evaluate(labelled, pool=pool, index=Index.of(labelled.documents))
        label = f"{MEASURE} on {name}, {'pool' if pool else 'whole'}"
        for baseline in BASELINES:
            theirs = evaluate_baseline(baseline, labelled, pool=pool)
            figures.take(f"{label}, beside {baseline}", ours.mean(MEASURE), "", yardstick=theirs.mean(MEASURE))
            figures.take(f"  p of the difference of {label} from {baseline}", chance(ours, theirs, MEASURE), "")
