"""Identifiers: UUID version 7, so that the order of ids is the order of creation."""

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """A new UUIDv7 (RFC 9562 section 5.7): 48 bits of Unix milliseconds, then 74 random bits.

    Only the order of ids rests on this machine's clock; no rule reads a time from an id.
    """
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    high = (milliseconds & 0xFFFFFFFFFFFF) << 80
    version = 0x7 << 76
    variant = 0b10 << 62
    rand_a = ((random >> 62) & 0xFFF) << 64
    rand_b = random & ((1 << 62) - 1)
    return UUID(int=high | version | rand_a | variant | rand_b)
