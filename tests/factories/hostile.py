"""Texts that nobody writes who means well: each is answered or refused in plain words, in bounded time and memory."""

TEXTS = {
    "empty": "",
    "a megabyte of one character": "光" * 1_000_000,
    "a megabyte without a break": "x" * 1_000_000,
    "a megabyte of joined parts": "a-" * 500_000,
    "a megabyte of marks": "e" + "\u0301" * 1_000_000,
    "one term a million times": "battery " * 1_000_000,
    "one Chinese term a million times": "电池，" * 1_000_000,
    "only silent words": "the of and 的了",
    "only words of forms": "关键技术研究 需求",
    "emoji": "👩‍🔬🇨🇳😀" * 30,
    "mixed scripts": "锂电池Lithium電池батареяبطاريةแบตเตอรี่バッテリー배터리μπαταρία5G",
    "right to left": "\u202eبطارية ليثيوم\u202c סוללה",
    "zero width": "锂\u200b电\u200d池\ufeff",
    "SQL": "锂电池'; DROP TABLE demands_demand; --\" OR 1=1 /* %s %(x)s {0} \\",
    "markup": "<script>alert('锂电池')</script><b onclick=x>&lt;",
    "control": "锂\x00电\x1b[31m池",
    "lone surrogate": "锂电池\ud83d",
}
