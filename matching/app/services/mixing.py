"""Mixes that were learned: kept with their figures, and switched on where they are better than the fixed one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection, transaction

from matching.app.mixes import mix_of, number_in_force
from matching.app.models import MixSwitch, MixVersion
from matching.app.services.inputs import MatchingError, QueryInput, joined, known_corpus

if TYPE_CHECKING:
    from matching.engine.learning import Learned, Source

MOST = 50
# Which writer's turn it is; any number that nobody else takes will do.
_TURN = 7_401_118_206
# Beside what somebody chose stand so many of the best others, learned from as shown and not chosen.
_BESIDE = 10


class GateNotHeld(MatchingError):
    """The mix was not better than the fixed one, or by chance, or on too little."""


class UnknownMix(MatchingError):
    """No mix that this program can read has this number."""


class NothingSwitched(MatchingError):
    """This is what is in force already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A demand in public words, and how much each document of a corpus served it: 0 not at all, 1 to 3 chosen, ever more so."""

    corpus: str
    demand: UUID
    query: QueryInput
    grades: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class Version:
    """A learned mix as it is kept, and whether it is in force."""

    number: int
    at: datetime
    sources: tuple[str, ...]
    factors: Mapping[str, int]
    sha256: str
    demands: int
    pairs: int
    fixed: float
    learned: float
    chance: float
    holds: bool
    in_force: bool


@dataclass(frozen=True, slots=True)
class Switch:
    """One change of the mix in force: to a learned one by its number, or to the fixed one (None), and why."""

    number: int | None
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Gate:
    """What a learned mix must reach, beside being better than the fixed one, to be used at all."""

    least_demands: int
    least_pairs: int
    most_chance: float


def gate() -> Gate:
    """Return the gate by which every mix is judged when it is learned."""
    from matching.engine.learning import LEAST_DEMANDS, LEAST_PAIRS, MOST_CHANCE  # noqa: PLC0415 - loads what ranks

    return Gate(LEAST_DEMANDS, LEAST_PAIRS, MOST_CHANCE)


def learn_mix(*, folders: Sequence[Path] = (), signals: Sequence[Signal] = ()) -> "Learned":
    """Learn a mix from labelled sets and from signals; nothing is stored. Raises OSError, ValueError or KeyError for what is no set."""
    from matching.engine.evaluating import read_labelled_set  # noqa: PLC0415 - loads what ranks
    from matching.engine.index import Index  # noqa: PLC0415
    from matching.engine.learning import Source, learn  # noqa: PLC0415

    sets = [read_labelled_set(folder) for folder in folders]
    sources = [
        Source(labelled, Index.of(labelled.documents), name=str(folder.resolve())) for folder, labelled in zip(folders, sets, strict=True)
    ]
    corpora = sorted({known_corpus(signal.corpus) for signal in signals})
    return learn(sources + [_source(name, [one for one in signals if one.corpus == name]) for name in corpora])


def keep_mix(found: "Learned", *, sources: Sequence[str], by: UUID | None, at: datetime) -> Version:
    """Keep a mix with its figures; it is used only once somebody switches it on."""
    with transaction.atomic():
        _take_turns()
        number = (MixVersion.objects.order_by("-number").values_list("number", flat=True).first() or 0) + 1
        figures = {"fixed": found.fixed.mean("nDCG@10"), "learned": found.learned.mean("nDCG@10"), "chance": found.chance}
        row = MixVersion.objects.create(
            number=number,
            at=at,
            by=by,
            sources=list(sources),
            factors=dict(found.mix.factors),
            sha256=found.mix.sha256,
            demands=found.demands,
            pairs=found.pairs,
            holds=found.holds,
            **figures,
        )
    return _version(row, None)


def switch_mix(number: int | None, *, reason: str, by: UUID | None, at: datetime) -> None:
    """Use a mix from the next query on, or the fixed one (None). Raises UnknownMix, GateNotHeld, NothingSwitched."""
    with transaction.atomic():
        _take_turns()
        if number == number_in_force():
            raise NothingSwitched("This mix is in force already.")
        if number is not None:
            row = MixVersion.objects.filter(number=number).first()
            if row is None or mix_of(row.factors) is None:
                raise UnknownMix(f"There is no mix {number} that this program can read.")
            if not row.holds:
                raise GateNotHeld(f"Mix {number} was not better than the fixed one.")
        MixSwitch.objects.create(version_id=number, at=at, by=by, reason=reason)


def mixes() -> list[Version]:
    """Return the latest fifty mixes and, where it is older, the one in force, the latest first."""
    used = number_in_force()
    rows = list(MixVersion.objects.order_by("-number")[:MOST])
    if used is not None and all(row.number != used for row in rows):
        rows += MixVersion.objects.filter(number=used)
    return [_version(row, used) for row in rows]


def mix(number: int) -> Version | None:
    """Return the kept mix with this number, however old it is, None where there is none."""
    row = MixVersion.objects.filter(number=number).first()
    return None if row is None else _version(row, number_in_force())


def switches() -> list[Switch]:
    """Return the latest fifty changes of the mix in force, the latest first."""
    return [Switch(row.version_id, row.at, row.reason) for row in MixSwitch.objects.order_by("-pk")[:MOST]]


def _version(row: MixVersion, used: int | None) -> Version:
    figures = (row.demands, row.pairs, row.fixed, row.learned, row.chance, row.holds)
    # What this program cannot read it does not rank with, switched on or not.
    in_force = row.number == used and mix_of(row.factors) is not None
    return Version(row.number, row.at, tuple(row.sources), row.factors, row.sha256, *figures, in_force=in_force)


def _take_turns() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TURN])


def _source(corpus: str, signals: Sequence[Signal]) -> "Source":
    """Signals as a labelled set over the corpus; what the fixed mix ranks best beside what was chosen is learned from as not chosen.

    Both mixes rank the whole corpus: among the fixed mix's own best it would lose to any other by construction.
    """
    from matching.app.memory import index_of  # noqa: PLC0415 - loads what ranks
    from matching.engine.documents import Filters, Query  # noqa: PLC0415
    from matching.engine.evaluating import LabelledSet  # noqa: PLC0415
    from matching.engine.learning import Source  # noqa: PLC0415

    index = index_of(corpus)
    there = {document.id: document for document in index.documents()}
    queries, judged, beside = {}, {}, {}
    for signal in signals:
        id_ = str(signal.demand)
        query = Query(signal.query.title, signal.query.body, joined(signal.query.keywords))
        grades = {str(key): grade for key, grade in signal.grades.items() if str(key) in there}
        queries[id_], judged[id_] = query, grades
        if any(grades.values()):
            beside[id_] = [hit.document.id for hit in index.search(query, Filters(excluded_ids=frozenset(grades)), k=_BESIDE)]
    return Source(LabelledSet(tuple(there.values()), queries, judged), index, pool=False, beside=beside, name="signals")
