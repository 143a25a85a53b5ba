"""Time-stamps (RFC 3161): an outside authority says that a checkpoint existed at a time that is not taken from our clock.

Off unless LEDGER_TSA_URL names an authority and LEDGER_TSA_ROOTS the certificates by which its answers are judged.
"""

import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.x509 import Certificate, load_pem_x509_certificates
from django.conf import settings
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, VerificationError, VerifierBuilder, decode_timestamp_response

from ledger.app import selectors as log
from ledger.app.services.evidence import proof_under
from marketplace.common import clock
from marketplace.evidence.models import Timestamp

EVERY = timedelta(days=1)
TIMEOUT_SECONDS = 20
LARGEST_ANSWER = 1024 * 1024
QUERY, ANSWER = "application/timestamp-query", "application/timestamp-reply"
Ask = Callable[[bytes], bytes]


class AuthorityFault(Exception):
    """The authority cannot be reached, or what it answers proves nothing."""


def stamp(ask: Ask | None = None) -> Timestamp | None:
    """Have the newest checkpoint stamped when the last one stamped is a day old; None when there is nothing to do.

    An answer is kept only once its signature, its chain up to a trusted root, and the hash of the very note have been
    checked. Raises AuthorityFault.
    """
    if not settings.LEDGER_TSA_URL:
        return None
    checkpoint, newest = log.latest_checkpoint(), Timestamp.objects.order_by("-size").first()
    if checkpoint is None or (newest and (newest.size >= checkpoint.size or newest.received_at > clock.now() - EVERY)):
        return None
    note = checkpoint.note.encode()
    # Without a nonce: an answer is bound to this note, and an older one for it would prove as much.
    query = TimestampRequestBuilder().data(note).hash_algorithm(HashAlgorithm.SHA256).nonce(nonce=False).cert_request(cert_request=True)
    answer = (ask or _post)(query.build().as_bytes())
    made = Timestamp(size=checkpoint.size, note=checkpoint.note, token=answer, authority=urlsplit(settings.LEDGER_TSA_URL).netloc)
    made.stamped_at, made.received_at = checked(answer, note, roots()), clock.now()
    made.save(force_insert=True)
    return made


def checked(answer: bytes, note: bytes, trusted: list[Certificate]) -> datetime:
    """The time that an answer (DER) states for exactly these bytes, when it holds under a trusted root. Raises AuthorityFault."""
    try:
        response = decode_timestamp_response(answer)
        builder = VerifierBuilder()
        for root in trusted:
            builder = builder.add_root_certificate(root)
        builder.build().verify_message(response, note)
    except (VerificationError, ValueError) as fault:
        raise AuthorityFault(f"the authority's answer does not hold: {fault}") from fault
    return response.tst_info.gen_time


def roots() -> list[Certificate]:
    """The certificates by which answers are judged, from the file that LEDGER_TSA_ROOTS names. Raises AuthorityFault."""
    try:
        return load_pem_x509_certificates(Path(settings.LEDGER_TSA_ROOTS).read_bytes())
    except (OSError, ValueError) as fault:
        raise AuthorityFault(f"LEDGER_TSA_ROOTS names no file of PEM certificates: {fault}") from fault


def beside(seqs: list[int]) -> dict[str, bytes]:
    """For an evidence file: of each entry the first stamped checkpoint above it, with its token and the entry's proof under it."""
    stamps, files = list(Timestamp.objects.filter(size__gt=min(seqs, default=0)).order_by("size")), {}
    for seq in seqs:
        found = next((one for one in stamps if one.size > seq), None)
        if found is not None:
            files[f"timestamps/{found.size}.note"] = found.note.encode()
            files[f"timestamps/{found.size}.tsr"] = bytes(found.token)
            files[f"timestamps/{seq}.tlog-proof"] = proof_under(seq, found.size, found.note).to_text().encode()
    return files


def first_above(seq: int) -> Timestamp | None:
    """The first stamped checkpoint that covers an entry."""
    return Timestamp.objects.filter(size__gt=seq).order_by("size").first()


def _post(query: bytes) -> bytes:
    """Ask the authority (RFC 3161, section 3.4)."""
    # The address is the operator's own setting.
    request = urllib.request.Request(settings.LEDGER_TSA_URL, data=query, headers={"Content-Type": QUERY})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310
            if response.headers.get_content_type() != ANSWER:
                raise AuthorityFault(f"the authority answers with {response.headers.get_content_type()}")
            answer: bytes = response.read(LARGEST_ANSWER)
    except (OSError, urllib.error.URLError) as fault:
        raise AuthorityFault(f"the authority cannot be reached: {fault}") from fault
    return answer
