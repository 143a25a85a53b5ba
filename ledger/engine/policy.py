"""Trust policies (C2SP tlog-policy): which logs, which witnesses, and how many of them must have cosigned."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from ledger.engine.checkpoint import Checkpoint, open_checkpoint
from ledger.engine.cosignature import Cosigned, Cosigner, cosignatures
from ledger.engine.errors import BadNote, BadPolicy, QuorumMissing
from ledger.engine.notes import Verifier

NONE = "none"
MOST_LINES = 4096
_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_COUNT = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True)
class Group:
    """At least `threshold` of these members, witnesses or groups, must have witnessed (tlog-policy, "Defining a witness group")."""

    threshold: int
    members: tuple[str, ...]


@dataclass(slots=True)
class Policy:
    """What a policy file says (tlog-policy, "What is a policy?"); `urls` holds the address of a log or witness by its vkey."""

    logs: list[Verifier] = field(default_factory=list)
    witnesses: dict[str, Cosigner] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    quorum: str = ""
    urls: dict[str, str] = field(default_factory=dict)

    def met_by(self, cosigners: Collection[Cosigner]) -> bool:
        """Whether these cosigners make the quorum (tlog-policy, "Defining the quorum")."""
        keys = {one.public for one in cosigners}
        witnessed = {name for name, one in self.witnesses.items() if one.public in keys}
        # A group's members stand on lines before it, so one pass in their order decides them all.
        for name, group in self.groups.items():
            if sum(member in witnessed for member in group.members) >= group.threshold:
                witnessed.add(name)
        return self.quorum == NONE or self.quorum in witnessed


def parse(data: bytes) -> Policy:
    """Read a policy file; raise BadPolicy with the line that is wrong (tlog-policy, "Policy file syntax and structure")."""
    if _FORBIDDEN.search(data):
        raise BadPolicy("a policy has no control characters but tab and newline")
    # Octets above 0x7F are opaque: each comes back as it was, and two names are equal when their octets are.
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    if len(lines) > MOST_LINES:
        raise BadPolicy(f"a policy may have {MOST_LINES} lines")
    policy = Policy()
    grouped: set[str] = set()
    for number, line in enumerate(lines, start=1):
        words = re.findall(r"[^ \t]+", line)
        if not words or words[0].startswith("#"):
            continue
        try:
            _take(policy, words, grouped)
        except (BadNote, BadPolicy) as fault:
            raise BadPolicy(f"line {number}: {fault}") from fault
    if not policy.quorum:
        raise BadPolicy("a policy has exactly one quorum line; it may say: quorum none")
    return policy


def check(note: str, policy: Policy, *, logs: Sequence[Verifier] = ()) -> tuple[Checkpoint, list[Cosigned]]:
    """Return the checkpoint and who cosigned it when a log of the policy, or one of `logs`, signed it (tlog-policy, "What is a policy?").

    Raises BadNote when no listed log did or a listed witness's cosignature is broken, QuorumMissing when too few cosigned.
    """
    checkpoint = open_checkpoint(note, [*policy.logs, *logs])
    cosigned = cosignatures(note, list(policy.witnesses.values()))
    if not policy.met_by([one.cosigner for one in cosigned]):
        names = ", ".join(sorted(one.cosigner.name for one in cosigned)) or "nobody"
        raise QuorumMissing(f"the quorum {policy.quorum} is not reached: cosigned by {names}")
    return checkpoint, cosigned


def _take(policy: Policy, words: list[str], grouped: set[str]) -> None:
    """Add one line to the policy (tlog-policy, "Structure")."""
    match words:
        case ["log", vkey, *url] if len(url) <= 1:
            _add_log(policy, Verifier.parse(vkey), url)
        case ["witness", name, vkey, *url] if len(url) <= 1:
            _add_witness(policy, name, Cosigner.parse(vkey), url)
        case ["group", name, count, *members] if members:
            _require_new(policy, name)
            policy.groups[name] = Group(_threshold(count, members), tuple(_members(policy, members, grouped)))
        case ["quorum", name]:
            if policy.quorum:
                raise BadPolicy("there is a second quorum line")
            if name != NONE:
                _require_known(policy, name)
            policy.quorum = name
        case _:
            raise BadPolicy(f"{words[0]!r} does not begin a line of a policy, or has too few or too many words")


def _add_log(policy: Policy, verifier: Verifier, url: Sequence[str]) -> None:
    """Add a log; the same public key may stand once (tlog-policy, "Defining a log")."""
    if any(one.public == verifier.public for one in policy.logs):
        raise BadPolicy("this log's key stands here twice")
    policy.logs.append(verifier)
    policy.urls.update((verifier.vkey, one) for one in url)


def _add_witness(policy: Policy, name: str, cosigner: Cosigner, url: Sequence[str]) -> None:
    """Add a witness; the same public key may stand once (tlog-policy, "Defining a witness")."""
    _require_new(policy, name)
    if any(one.public == cosigner.public for one in policy.witnesses.values()):
        raise BadPolicy("this witness's key stands here twice")
    policy.witnesses[name] = cosigner
    policy.urls.update((cosigner.vkey, one) for one in url)


def _threshold(count: str, members: Sequence[str]) -> int:
    """Return k for `all`, `any` or a number from 1 to n (tlog-policy, "Defining a witness group")."""
    if count in ("all", "any"):
        return len(members) if count == "all" else 1
    if _COUNT.fullmatch(count) is None or int(count) > len(members):
        raise BadPolicy(f"a group asks for all, any, or 1 to {len(members)} of its members, not {count}")
    return int(count)


def _members(policy: Policy, members: Sequence[str], grouped: set[str]) -> Iterator[str]:
    """Pass on names defined before, each a member only once in the whole file (tlog-policy, "Defining a witness group")."""
    for member in members:
        _require_known(policy, member)
        if member in grouped:
            raise BadPolicy(f"{member} is a member twice: each witness counts in one way only")
        grouped.add(member)
        yield member


def _require_new(policy: Policy, name: str) -> None:
    """Raise BadPolicy for `none` or a name already given: witnesses and groups share their names (tlog-policy, "What is a policy?")."""
    if name == NONE or name in policy.witnesses or name in policy.groups:
        raise BadPolicy(f"the name {name} is taken")


def _require_known(policy: Policy, name: str) -> None:
    """Raise BadPolicy for a name that no line before defines (tlog-policy, "Structure")."""
    if name not in policy.witnesses and name not in policy.groups:
        raise BadPolicy(f"no line before this one defines {name}")
