"""Two thousand rows are in, on public view and among the matches well within twenty seconds."""

import time

import pytest

from marketplace.catalogue.importing import running
from marketplace.catalogue.models import Achievement
from marketplace.common import outbox
from matching.app import services as matcher
from tests.factories import import_files as make

pytestmark = pytest.mark.django_db


@pytest.mark.slow
def test_two_thousand_rows_are_found_by_the_matcher_within_twenty_seconds() -> None:
    words = "钠离子电池正极材料表面包覆磷酸盐薄层循环寿命电导率低温放电热失控预警阻抗监测"
    lines = [{**row, "summary": (words[n % 30 :] + words[: n % 30]) * 8} for n, row in enumerate(make.rows(2_000, industry_code="38"))]
    content = make.jsonl(lines)
    began = time.perf_counter()
    run = make.send(content)
    running.run_import(run.pk)
    while outbox.relay():
        pass
    found = matcher.rank(corpus="achievement", query=matcher.QueryInput(title="编号1999"), k=1)
    taken = time.perf_counter() - began
    assert [match.id for match in found] == [Achievement.objects.get(ref="R-1999").pk]
    assert taken < 20
