"""Unified social credit codes for the story's invented organisations (GB 32100-2015)."""

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def code(kind: str, region: str, serial: int) -> str:
    """A code with a right check character: `kind` is 91 for companies, 12 for institutions."""
    body = f"FAKE{serial:04d}"
    total = sum(int(c, 36) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    inner = {10: "X", 11: "0"}.get(11 - total % 11, str(11 - total % 11))
    first = f"{kind}{region}{body}{inner}"
    weighed = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(first))
    return first + ALPHABET[(31 - weighed % 31) % 31]
