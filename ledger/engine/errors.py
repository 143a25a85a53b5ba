"""What the engine refuses."""


class LedgerFault(Exception):
    """The root of every refusal of the ledger: the message says what is wrong."""


class NotCanonical(LedgerFault):
    """A value or text lies outside the canonical JSON profile."""


class BadEntry(LedgerFault):
    """Bytes are not an entry of this log at this place."""


class BadProof(LedgerFault):
    """A proof does not connect what it claims to connect."""


class BadNote(LedgerFault):
    """A note, key or checkpoint is malformed, or its signature does not hold."""


class BadPolicy(LedgerFault):
    """A policy file is malformed."""


class QuorumMissing(LedgerFault):
    """A checkpoint is genuine, but fewer witnesses cosigned it than the policy asks for."""
