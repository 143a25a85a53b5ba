"""HTTP out: what is immutable may be cached for ever, the checkpoint for a few seconds (tlog-tiles, "APIs")."""

import base64
import json
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from ledger.app import selectors
from ledger.engine import tiles
from ledger.engine.errors import BadProof

FRESH = "public, max-age=5"
IMMUTABLE = "public, max-age=31536000, immutable"
PLAIN = "text/plain; charset=utf-8"
# Beyond PostgreSQL's bigint there is nothing to look for.
FARTHEST = 2**62
VERIFIER = Path(__file__).resolve().parents[1] / "verify.py"


@require_safe
def checkpoint(request: HttpRequest) -> HttpResponse:
    """Serve the newest signed checkpoint; 404 before the first."""
    found = selectors.latest_checkpoint()
    if found is None:
        raise Http404
    return _open(HttpResponse(found.note, content_type=PLAIN), FRESH)


@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """Serve this log's vkeys, present and former, and its witnesses'; whoever relies on them compares them with a copy from elsewhere."""
    return _open(HttpResponse(selectors.keys_text(), content_type=PLAIN), FRESH)


@require_safe
def policy(request: HttpRequest) -> HttpResponse:
    """Serve the trust policy that this log proposes (C2SP tlog-policy); whoever relies on it writes an own one."""
    return _open(HttpResponse(selectors.policy_text(), content_type=PLAIN), FRESH)


@require_safe
def tile(request: HttpRequest, place: str) -> HttpResponse:
    """Serve a tile of hashes or a bundle of entries that the signed tree has; 404 for any other."""
    try:
        level, index, width = tiles.parse_path(place)
    except BadProof as error:
        raise Http404 from error
    if index > FARTHEST:
        raise Http404
    data = selectors.bundle(index, width) if level is None else selectors.tile(level, index, width)
    if data is None:
        raise Http404
    return _open(HttpResponse(data, content_type="application/octet-stream"), IMMUTABLE)


@require_safe
def entry(request: HttpRequest, seq: int) -> HttpResponse:
    """Serve one entry: its bytes, the same as JSON, its proof under the newest checkpoint, and its receipt."""
    found = selectors.entry(seq) if seq <= FARTHEST else None
    if found is None:
        raise Http404
    return _open(JsonResponse(representation(found), json_dumps_params={"ensure_ascii": False}), FRESH)


@require_safe
def entry_bytes(request: HttpRequest, seq: int) -> HttpResponse:
    """Hand out the exact bytes of an entry as a file: SHA-256 of a zero byte and these bytes is its leaf hash."""
    found = selectors.entry(seq) if seq <= FARTHEST else None
    if found is None:
        raise Http404
    return _as_file(HttpResponse(found.raw, content_type="application/octet-stream"), f"entry-{seq}.json", IMMUTABLE)


@require_safe
def entry_proof(request: HttpRequest, seq: int) -> HttpResponse:
    """Hand out the proof of an entry under the newest checkpoint as a .tlog-proof file; 404 until a checkpoint covers it."""
    proof = selectors.proof(seq) if seq <= FARTHEST else None
    if proof is None:
        raise Http404
    return _as_file(HttpResponse(proof.to_text(), content_type=PLAIN), f"entry-{seq}.tlog-proof", FRESH)


@require_safe
def verifier(request: HttpRequest) -> HttpResponse:
    """Hand out the stranger's verifier, the very file that this platform was tested with."""
    return _as_file(HttpResponse(VERIFIER.read_bytes(), content_type="text/x-python; charset=utf-8"), VERIFIER.name, FRESH)


def representation(found: selectors.PublicEntry) -> dict[str, Any]:
    """Return the JSON of an entry: `{seq, bytes, entry, proof, receipt}`; proof is null until a checkpoint covers it."""
    proof = selectors.proof(found.seq)
    return {
        "seq": found.seq,
        "bytes": base64.b64encode(found.raw).decode("ascii"),
        "entry": json.loads(found.raw),
        "proof": None if proof is None else proof.to_text(),
        "receipt": {
            "status": "sealed",
            "id": str(found.id),
            "seq": found.seq,
            "leaf_hash": found.leaf_hash,
            "at": found.entry.at,
            "type": found.type,
        },
    }


def _as_file(response: HttpResponse, name: str, caching: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return _open(response, caching)


def _open(response: HttpResponse, caching: str) -> HttpResponse:
    response["Cache-Control"] = caching
    # The log is for everybody: a verifier in another site's page may read it too.
    response["Access-Control-Allow-Origin"] = "*"
    return response
