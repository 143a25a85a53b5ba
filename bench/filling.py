"""Many published achievements at once, for a measurement: their rows and what the matcher keeps of them, each by one statement a batch.

By the real doors a million of them would take a day. So one is made by these, and the others are its copies, with a text, a team, a
region, a readiness, a protection and a price of their own; the matcher's rows are what its own door would write but for the hash,
which is looked at.
"""

import random
from collections.abc import Callable
from io import StringIO
from typing import Any

BATCH = 20_000
HOUSES, TEAMS_EACH = 20, 5
REGIONS = ("110108", "110105", "120104", "130102")
YUAN = 100

# Of a batch: the number of a row says all that is not drawn. Prices lie between 10,000 and 1,000,000 yuan, three in ten name none.
OWN = {
    "id": "drawn.id",
    "ref": "'B-' || drawn.id",
    "title_zh": "left(drawn.text, 40)",
    "summary_zh": "drawn.text",
    "team_id": "(%(teams)s::uuid[])[1 + drawn.number %% %(houses)s]",
    "organisation_id": "(%(owners)s::uuid[])[1 + drawn.number %% %(houses)s]",
    "region_code": "(%(regions)s::text[])[1 + (drawn.number / 7) %% %(places)s]",
    "readiness": "1 + (drawn.number / 3) %% 9",
    "ipr_status": "(array['none', 'applied', 'granted', 'granted', 'secret'])[1 + (drawn.number / 11) %% 5]",
    "protected_until": "CASE WHEN (drawn.number / 11) %% 5 IN (2, 3) THEN current_date + (drawn.number %% 4000 * 7919) %% 4000 - 400 END",
    "price_fen": "CASE WHEN (drawn.number / 17) %% 10 > 2 THEN (1 + (drawn.number / 19) %% 100) * 1000000 END",
    "search": "''::tsvector",
}
DOCUMENTS = """
INSERT INTO matching_document (corpus_id, object_id, fields, attributes, public, content_hash, version)
SELECT 'achievement', id,
  jsonb_build_object(
    'title', concat_ws(E'\\n', nullif(title_zh, ''), nullif(title_en, '')),
    'body', concat_ws(E'\\n', nullif(summary_zh, ''), nullif(summary_en, '')),
    'keywords', array_to_string(keywords_zh || keywords_en, E'\\n')
  ),
  jsonb_strip_nulls(
    jsonb_build_object('region_code', region_code, 'industry_code', industry_code, 'readiness', readiness, 'team', team_id::text)
  ),
  true, encode(sha256((summary_zh || id)::bytea), 'hex'), %s
FROM catalogue_achievement JOIN drawn USING (id)
"""


def fill(size: int, text: Callable[[], str]) -> None:
    """Publish so many achievements of twenty institutions, one of them new, with a hundred teams, and hand them to the matcher."""
    from django.db import connections  # noqa: PLC0415 - after set_up()

    from marketplace.catalogue.models import Achievement  # noqa: PLC0415 - after set_up()
    from marketplace.catalogue.services import indexing  # noqa: PLC0415 - after set_up()
    from matching.app.models import Corpus  # noqa: PLC0415 - after set_up()
    from tests.factories import catalogue  # noqa: PLC0415 - after set_up()

    first = catalogue.achievement()
    indexing.index_achievements([first])
    teams = _teams()
    corpus = Corpus.objects.get(name="achievement")
    corpus.generation += 1
    for start in range(0, size - 1, BATCH):
        _copies(first, range(start, min(start + BATCH, size - 1)), teams, text, corpus.generation)
    corpus.save(update_fields=["generation"])
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE catalogue_achievement, matching_document")
    ids = random.Random(7).sample(list(Achievement.objects.order_by("id").values_list("pk", flat=True)[:1_000]), min(20, size))
    _look_at(list(Achievement.objects.filter(pk__in=ids)))


def _teams() -> list[Any]:
    """The teams of some institutions, which are no longer new, but for the first; all have more to offer than a small one."""
    from datetime import timedelta  # noqa: PLC0415

    from marketplace.accounts.models import Organisation  # noqa: PLC0415 - after set_up()
    from marketplace.common import clock  # noqa: PLC0415 - after set_up()
    from tests.factories import accounts, catalogue  # noqa: PLC0415 - after set_up()

    homes = [accounts.organisation("university") for _ in range(HOUSES)]
    Organisation.objects.filter(pk__in=[home.pk for home in homes[1:]]).update(verified_at=clock.now() - timedelta(days=400))
    return [catalogue.team(home) for _ in range(TEAMS_EACH) for home in homes]


def _copies(first: Any, numbers: range, teams: list[Any], text: Callable[[], str], version: int) -> None:
    from django.db import connections, transaction  # noqa: PLC0415 - after set_up()

    from marketplace.common.ids import uuid7  # noqa: PLC0415 - after set_up()

    columns = [field.column for field in first._meta.concrete_fields]
    chosen = ", ".join(OWN.get(column, f"first.{column}") for column in columns)
    drawn = StringIO("".join(f"{number}\t{uuid7()}\t{text()}\n" for number in numbers))
    given = {"teams": [team.pk for team in teams], "owners": [team.organisation_id for team in teams], "first": first.pk}
    given |= {"houses": len(teams), "regions": list(REGIONS), "places": len(REGIONS)}
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:  # the app role may make no table
        cursor.execute("CREATE TEMPORARY TABLE drawn (number int, id uuid, text text) ON COMMIT DROP")
        cursor.cursor.copy_expert("COPY drawn FROM STDIN", drawn)
        cursor.execute(
            f"INSERT INTO catalogue_achievement ({', '.join(columns)}) SELECT {chosen} "
            "FROM drawn, catalogue_achievement first WHERE first.id = %(first)s",
            given,
        )
        cursor.execute(DOCUMENTS, [version])


def _look_at(rows: list[Any]) -> None:
    """Stop where the matcher's rows are not what its own door writes."""
    from marketplace.catalogue.services.indexing import achievement_document  # noqa: PLC0415 - after set_up()
    from matching.app.models import Document  # noqa: PLC0415 - after set_up()
    from matching.app.services.inputs import checked_attributes, joined  # noqa: PLC0415 - after set_up()

    for row in rows:
        wanted, stored = achievement_document(row), Document.objects.get(corpus_id="achievement", object_id=row.pk)
        fields = {"title": wanted.title, "body": wanted.body, "keywords": joined(wanted.keywords)}
        if (stored.fields, stored.attributes) != (fields, checked_attributes(wanted.attributes)):
            raise RuntimeError(f"{row.pk} stands otherwise in the matcher: {stored.fields} {stored.attributes}")
