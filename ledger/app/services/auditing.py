"""Audit: hold everything the database says of the log against the bytes of its entries."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from django.db.models import Exists, OuterRef

from ledger.app import models, storage
from ledger.engine import canonical, commitment, merkle, tiles
from ledger.engine import entry as entries
from ledger.engine.audit import Audit
from ledger.engine.checkpoint import open_checkpoint
from ledger.engine.cosignature import Cosigner, cosignatures
from ledger.engine.errors import BadNote, LedgerFault, NotCanonical
from ledger.engine.notes import Verifier
from ledger.engine.rotation import KINDS, Keys

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong; `seq` is the first entry concerned, where one can be named."""

    seq: int | None
    words: str


def audit() -> list[Finding]:
    """Return what is wrong with the log in this database: nothing, or the first break of the entries and all that follows.

    Entries are read once, in order, in memory that does not grow with the log; index columns, tiles, head row,
    checkpoints and disclosures are compared with what the bytes say. All is read as of one moment: a log may grow meanwhile.
    """
    with storage.snapshot(DEFAULT):
        return sorted(_differences(), key=lambda one: (one.seq is None, one.seq))


def _differences() -> list[Finding]:
    head = models.Head.objects.first()
    if head is None:
        stray = models.Entry.objects.exists() or models.SignedCheckpoint.objects.exists()
        return [Finding(None, "there are entries or checkpoints, but no head row")] if stray else []
    state = Audit(log=head.origin)
    signed = {row.size: row for row in models.SignedCheckpoint.objects.all()}
    findings: list[Finding] = []
    keys = _first_keys()
    for row in storage.entries(DEFAULT):
        try:
            found = state.take(bytes(row.bytes))
        except LedgerFault as fault:
            return [Finding(state.tree.size, str(fault))]
        if words := _index_differs(row, found, state.prev):
            findings.append(Finding(row.seq, words))
        if found.type in KINDS and not keys.take(row.seq, found.type, found.body):
            findings.append(Finding(row.seq, f"{found.type} without the signature of a key that may say so: it changes nothing"))
        if row.seq + 1 in signed:
            findings += _checkpoint_differs(signed.pop(row.seq + 1), state.tree.root(), keys)
    if (head.height, head.tail) != (state.tree.size, state.prev):
        findings.append(Finding(state.tree.size, f"the head row says {head.height} entries, there are {state.tree.size}"))
    findings += [Finding(state.tree.size, f"{size} entries were signed, there are {state.tree.size}") for size in signed]
    findings += _cosignatures_differ()
    findings += _tiles_differ(state)
    findings += _disclosures_differ()
    return findings


def _first_keys() -> Keys:
    try:
        return storage.keys(DEFAULT, size=0)
    except BadNote:
        # The first checkpoint names no key: it is found below, as nobody was entitled to sign it.
        return Keys([])


def _index_differs(row: models.Entry, found: entries.Entry, leaf: str) -> str | None:
    says = (row.seq, str(row.id), row.type, canonical.instant(row.at), row.at.microsecond % 1000, bytes(row.leaf_hash).hex())
    if says != (found.seq, found.id, found.type, found.at, 0, leaf):
        return "a column differs from the entry's bytes"
    return None


def _checkpoint_differs(row: models.SignedCheckpoint, root: bytes, keys: Keys) -> Iterator[Finding]:
    try:
        signer = Verifier.parse(row.vkey)
        checkpoint = open_checkpoint(row.note, [signer])
    except LedgerFault as fault:
        yield Finding(row.size - 1, f"the checkpoint of {row.size} entries: {fault}")
        return
    if signer not in keys.entitled:
        yield Finding(row.size - 1, f"the checkpoint of {row.size} entries: no entry before it entitles {signer.vkey} to sign")
    if (checkpoint.size, checkpoint.root) != (row.size, bytes(row.root)) or checkpoint.root != root:
        yield Finding(row.size - 1, f"the checkpoint of {row.size} entries was signed over others")


def _cosignatures_differ() -> Iterator[Finding]:
    """Hold each witness's line, and when it is said to be from, against the checkpoint that it stands under."""
    for row in models.Cosignature.objects.select_related("checkpoint").order_by("checkpoint", "id").iterator():
        if _cosignature_differs(row):
            words = f"the cosignature on {row.checkpoint_id} entries is not by {row.vkey}, or of another time"
            yield Finding(row.checkpoint_id - 1, words)


def _cosignature_differs(row: models.Cosignature) -> bool:
    try:
        held = cosignatures(row.checkpoint.note + row.line, [Cosigner.parse(row.vkey)])
    except LedgerFault:
        return True
    return [(one.line, datetime.fromtimestamp(one.time, tz=UTC)) for one in held] != [(row.line, row.cosigned_at)]


def _tiles_differ(state: Audit) -> Iterator[Finding]:
    """Compare each tile with the entries, or with what the level below makes it, and the row kept halfway up with its hashes."""
    size, read, read_halfway = state.tree.size, storage.tile_reader(DEFAULT), storage.halfway_reader(DEFAULT)
    for place in tiles.tiles_of(size):
        stored = read(place.level, place.index)
        first = place.index * tiles.WIDTH
        if len(stored) != place.width * merkle.HASH_LENGTH:
            yield Finding(None, f"{tiles.tile_path(place.level, place.index)} has another width than the tree")
        elif place.level == 0:
            rows = models.Entry.objects.filter(seq__gte=first, seq__lt=first + place.width).order_by("seq")
            if b"".join(map(bytes, rows.values_list("leaf_hash", flat=True))) != stored:
                yield Finding(first, f"{tiles.tile_path(0, place.index)} differs from the entries")
        else:
            below = tiles.subtree_hashes(read)
            level = tiles.HEIGHT * place.level
            # One level down, so that the stored hash is not compared with itself.
            made = [merkle.node_hash(below(level - 1, 2 * i), below(level - 1, 2 * i + 1)) for i in range(first, first + place.width)]
            if b"".join(made) != stored:
                yield Finding(None, f"{tiles.tile_path(place.level, place.index)} differs from the tiles below it")
        if read_halfway(place.level, place.index) != tiles.halfway(stored):
            yield Finding(None, f"{tiles.tile_path(place.level, place.index)} keeps nodes that its hashes do not make")


def _disclosures_differ() -> Iterator[Finding]:
    """Hold the private side against the entries: each link and secret, and every value that is still kept."""
    rows = storage.entries(DEFAULT)
    while chunk := list(islice(rows, 1000)):
        ids = [row.id for row in chunk]
        kept: dict[object, dict[str, models.Disclosure]] = {}
        for one in models.Disclosure.objects.filter(intent_id__in=ids):
            kept.setdefault(one.intent_id, {})[one.label] = one
        links = models.Subject.objects.in_bulk(ids)
        secrets = {(one.kind, one.object_id): bytes(one.secret) for one in _handles_of(links.values())}
        for row in chunk:
            found = entries.parse(bytes(row.bytes))
            link = links.get(row.id)
            if link is None or _link_differs(link, found, secrets.get((link.kind, link.object_id))):
                yield Finding(row.seq, "the private link names another object, or another kind of entry, than the entry does")
            shown = kept.get(row.id, {})
            if link is not None and _type_differs(link, shown):
                yield Finding(row.seq, "the private link names another type than the one committed to")
            for label in _values_differ(found, shown):
                yield Finding(row.seq, f"the value kept for {label} is not the one committed to")

    unknown = models.Disclosure.objects.filter(~Exists(models.Subject.objects.filter(id=OuterRef("intent_id"))))
    yield from (Finding(None, f"a value for {one.label} is kept of {one.intent_id}, which was never recorded") for one in unknown)


def _type_differs(link: models.Subject, shown: Mapping[str, models.Disclosure]) -> bool:
    """Whether a sealed entry's kept type is another than its link's, which is what its readers are told."""
    return entries.TYPE in shown and bytes(shown[entries.TYPE].value) != canonical.encode(link.type)


def _handles_of(links: Iterable[models.Subject]) -> Iterable[models.Handle]:
    return models.Handle.objects.filter(object_id__in={link.object_id for link in links})


def _link_differs(link: models.Subject, found: entries.Entry, secret: bytes | None) -> bool:
    bound = {} if link.public else {"sealed_in": found.id}
    handle = None if secret is None else commitment.subject_handle(secret, **bound)
    return (handle, link.public) != (found.subject, not found.sealed) or (link.public and link.type != found.type)


def _values_differ(found: entries.Entry, shown: Mapping[str, models.Disclosure]) -> Iterator[str]:
    """Yield the labels whose kept value or salt is not what was committed to; what was erased is not missed."""
    commits = dict(found.commit)
    try:
        if found.sealed and entries.ENVELOPE in shown:
            commits |= canonical.decode(bytes(shown[entries.ENVELOPE].value))
    except (NotCanonical, TypeError, ValueError):
        yield entries.ENVELOPE
        return
    for label, one in shown.items():
        try:
            held = commitment.opens(str(commits.get(label)), salt=bytes(one.salt), label=label, value=canonical.decode(bytes(one.value)))
        except (NotCanonical, ValueError):
            held = False
        if not held:
            yield label
