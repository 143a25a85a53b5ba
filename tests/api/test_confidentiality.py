"""No word of a confidential field or a sealed bid reaches anybody who may not read it, by whatever way.

The world of tests/factories/world.py puts a word of its own into every such field and names its rightful readers.
"""

import re
from collections.abc import Iterator

from django.apps import apps
from django.db import connection, transaction

from ledger.app.models import Disclosure, Inbox
from ledger.engine import canonical
from marketplace.accounts.models import Organisation, Person
from marketplace.funding.models import BankAccount
from tests.factories.dictionary import attack
from tests.factories.leaks import leaked
from tests.factories.world import World

SEARCHES = (
    "/api/v1/demands/?q={}",
    "/api/v1/achievements/?q={}",
    "/api/v1/teams/?q={}",
    "/api/v1/experts/?q={}",
    "/api/v1/organisations/?q={}",
    "/demands/?q={}",
    "/achievements/?q={}",
    "/teams/?q={}",
    "/experts/?q={}",
    "/search/?q={}",
)
MATCHES = (
    "conditions/?demand={demand.open}",
    "conditions/?demand={demand.draft}",
    "?demand={demand.open}",
    "?demand={demand.draft}",
    "?demand={demand.open}&corpus=team",
    "?team={team.published}",
    "?demand={demand.open}&corpus=expert",
    "?demand={demand.draft}&corpus=expert",
    "?expert={expert.published}",
    "conditions/?demand={demand.open}&region_code=13&industry_code=01&readiness=9",
)


def addresses(world: World) -> Iterator[str]:
    """Every ranking; the addresses without a query are those of the table, and its test looks into every answer."""
    for query in MATCHES:
        name = query[query.index("{") + 1 : query.index("}")]
        yield "/api/v1/matches/" + query.replace("{" + name + "}", str(world.objects[name].pk))


def answer_of(world: World, role: str, address: str) -> bytes:
    """The answer's whole content, undone."""
    with transaction.atomic():
        answer = world.client(role).get(address)
        content: bytes = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    return content


def test_no_ranking_holds_a_word_that_is_not_for_its_reader(world: World) -> None:
    """What every other page and answer holds is looked into where each role asks for it: test_permission_matrix.py."""
    told = {(role, address): leaked(world, role, answer_of(world, role, address)) for role in world.roles for address in addresses(world)}
    assert {asked: words for asked, words in told.items() if words} == {}


def test_the_rightful_readers_do_read_their_words(world: World) -> None:
    """Otherwise the test above would pass on empty pages."""
    pages = {
        "company": ("/api/v1/demands/{demand.open}/", "canary-open-details-zh"),
        "winner": ("/api/v1/demands/{demand.awarded}/", "canary-awarded-details-zh"),
        "reviewer": ("/demands/{demand.draft}/", "canary-draft-details-zh"),
        "bidder": ("/api/v1/bids/{bid.bidder}/", "canary-bid.bidder-plan"),
    }
    for role, (page, word) in pages.items():
        name = page[page.index("{") + 1 : page.index("}")]
        content = answer_of(world, role, page.replace("{" + name + "}", str(world.objects[name].pk)))
        assert word in content.decode()
        assert leaked(world, "stranger", content)


def test_searching_for_a_secret_finds_nothing(world: World) -> None:
    """Not even that there is something: the answer is the one for a word that nobody ever wrote."""
    differing = []
    for search in SEARCHES:
        for secret in ("canary-open-details-zh", "canary-open-contact", "canary-bid.sealed-plan", "canary-draft-title"):
            nonsense = "canary-" + "x" * (len(secret) - 7)
            found, nothing = (answer_of(world, "bidder", search.format(word)).decode().replace(word, "…") for word in (secret, nonsense))
            if _without_nonces(found) != _without_nonces(nothing):
                differing.append(search.format(secret))
    assert differing == []


def _without_nonces(text: str) -> str:
    return re.sub(r'(nonce|value)="[^"]*"', "", text)


def test_the_database_keeps_secrets_where_they_belong_and_sealed_words_nowhere(world: World) -> None:
    """Neither the ledger's bytes, nor the matcher's index, nor outbox, mail, log or remembered answers hold a secret."""
    homes = {word: {"demands_demandconfidential"} for word in world.secrets if "-details-" in word or "-contact" in word or "-tel" in word}
    homes["canary-bid.sealed-plan"] = set()
    homes |= {word: set() for word in world.secrets if len(word) == 64}  # the salts of bids, known to the bidders alone …
    # A deposit's hash stands beside its file and, until it is erased, among what the ledger may disclose; never in an entry.
    homes[world.objects["deposit.kept"].sha256] = {"common_storedfile", "evidence_deposit", "ledger_disclosure"}
    homes |= {salt: {"demands_bid"} for bid in ("bid.bidder", "bid.winner") if (salt := world.objects[bid].salt)}  # … until opening
    strayed = {}
    with connection.cursor() as cursor:
        for table in sorted({model._meta.db_table for model in apps.get_models()}):
            cursor.execute(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")
            text = cursor.fetchone()[0]
            found = [word for word, places in homes.items() if table not in places and (word in text or word.encode().hex() in text)]
            if found:
                strayed[table] = found
    assert strayed == {}


def test_the_log_of_the_whole_world_names_nobody_and_confirms_no_guess_of_anybody(world: World) -> None:
    """All that every room records, as everybody will read it, against the names, addresses and numbers of all people and organisations."""
    recorded = {str(id_): bytes(fields) for id_, fields in Inbox.objects.values_list("id", "fields")}
    entries = {id_: canonical.decode(fields) for id_, fields in recorded.items()}
    people = {text for row in Person.objects.values_list("name", "email", "pk") for text in map(str, row)}
    houses = {text for row in Organisation.objects.values_list("name_zh", "name_en", "uscc", "pk") for text in map(str, row)}
    accounts = {text for row in BankAccount.objects.values_list("holder_name", "number", "pk") for text in map(str, row)}
    dictionary = (people | houses | accounts | {word for word in world.secrets if len(word) < 64}) - {""}
    log = b"".join(recorded.values()).decode()
    assert (len(entries) > 50, len(people) > 20, len(houses) > 20, len(accounts) > 2) == (True, True, True, True)
    assert [word for word in dictionary if word in log] == []
    assert attack(entries.values(), dictionary, []) == set()
    # The dictionary holds the true words: with one salt, one of them is confirmed.
    public = [id_ for id_, entry in entries.items() if "person" in entry["commit"]]
    kept = Disclosure.objects.filter(label="person", intent_id__in=public)[0]
    assert attack([entries[str(kept.intent_id)]], dictionary, [bytes(kept.salt)]) == {canonical.decode(bytes(kept.value))}
