"""How fast achievements come in from a file: `python -m marketplace.config.devstack servers python bench/importing.py [ROWS]`.

From the upload until the last row is found among the matches: read, checked, written with its states and ledger entry, published,
delivered and indexed. The yardstick is the plainest that could be: the same rows by `bulk_create`, without any of that.
"""

import resource
import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import databases
from figures import Figures

WORDS = "钠离子电池正极材料表面包覆磷酸盐薄层循环寿命电导率低温放电热失控预警阻抗监测"
MIB = 1024 * 1024


def main(count: int) -> None:
    if not databases.named():
        sys.exit("No database is named: run `make bench-import`.")
    databases.set_up()
    with databases.own_database():
        measure(count)


def measure(count: int) -> None:
    from marketplace.catalogue.importing import running  # noqa: PLC0415 - after set_up()
    from marketplace.catalogue.models import Achievement  # noqa: PLC0415 - after set_up()
    from marketplace.common import outbox  # noqa: PLC0415 - after set_up()
    from matching.app import services as matcher  # noqa: PLC0415 - after set_up()
    from tests.factories import import_files as make  # noqa: PLC0415 - after set_up()

    def bring_in(rows: int, prefix: str) -> None:
        """Upload, import, deliver, and see the last row among the matches."""
        run = make.send(make.jsonl(lines_of(rows, prefix)))
        running.run_import(run.pk)
        while outbox.relay():
            pass
        last = f"{prefix}{rows - 1}"
        found = matcher.rank(corpus="achievement", query=matcher.QueryInput(title=f"编号{last}"), k=1)
        if [match.id for match in found] != [Achievement.objects.get(ref=last).pk]:
            sys.exit(f"Row {last} was imported but is not found.")

    figures = Figures("import")
    bring_in(20, "W")  # what is loaded once (segmenter, prepared statements) is not the import's
    began = time.process_time()
    imported = seconds(lambda: bring_in(count, "R"))
    worked = time.process_time() - began
    stored = list(Achievement.objects.filter(ref__startswith="R"))
    copies = [copy_of(row) for row in stored]
    began = time.process_time()
    plain = seconds(lambda: bulk(copies))
    plainly = time.process_time() - began
    figures.take(f"{count} achievements until among the matches", imported, "s", yardstick=plain)
    figures.take("  of these at work in the process itself", worked, "CPU s", yardstick=plainly)
    figures.take("  rows per second", count / imported, "/s", yardstick=count / plain)
    figures.take("  highest resident memory of the process", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * kilo() / MIB, "MiB")
    traced = peak(lambda: bring_in(count, "T"))
    more = [copy_of(row) for row in stored]
    figures.take("  highest memory that Python held", traced / MIB, "MiB", yardstick=peak(lambda: bulk(more)) / MIB)
    figures.write()


def bulk(rows: list[Any]) -> None:
    type(rows[0]).objects.bulk_create(rows, batch_size=500)


def copy_of(row: Any) -> Any:
    """The same achievement as a row of its own."""
    from marketplace.common.ids import uuid7  # noqa: PLC0415 - after set_up()

    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    new = uuid7()
    return type(row)(**{**values, "id": new, "ref": f"C-{new}"})


def lines_of(count: int, prefix: str) -> list[dict[str, Any]]:
    """Different good rows with 300 characters of text each."""
    return [
        {
            "ref": f"{prefix}{number}",
            "title": f"第{prefix}{number}号成果",
            "summary": (WORDS[number % 30 :] + WORDS[: number % 30]) * 8,
            "keywords": ["储能", f"编号{prefix}{number}"],
            "industry_code": "38",
        }
        for number in range(count)
    ]


def seconds(run: Callable[[], object]) -> float:
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def peak(run: Callable[[], object]) -> int:
    """The most bytes that Python's allocator held at once while it ran, above what it held before."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    run()
    highest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return highest - before


def kilo() -> int:
    """`ru_maxrss` counts KiB on Linux and bytes on macOS."""
    return 1 if sys.platform == "darwin" else 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
