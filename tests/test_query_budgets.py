"""How many questions each operation asks the database: within its budget, and as many for many rows as for few."""

from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.authtoken.models import Token

from support_cases.models import Case
from tests.bench.facts import Facts
from tests.bench.operations import JSON, OPERATIONS, Ask, Operation, fresh_id
from tests.bench.recording import is_control
from tests.factories import load_reference_units, make_case, make_consultation, make_cooperative, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]

FIRST_DAY = date(2023, 5, 2)
BUSY = ("ocop", "2023-05", "office")


@pytest.fixture(autouse=True)
def nothing_remembered():
    """An empty cache, so that no other test has warmed it."""
    cache.clear()


@pytest.fixture
def people(db) -> dict[str, object]:
    """One officer and one manager."""
    return {"staff": make_user("staff"), "manager": make_user("manager")}


def work(officer, parties: int) -> None:
    """Record a month's work with so many cooperatives: three entries each, a case, an appointment."""
    for number in range(parties):
        party = make_cooperative(f"Hợp tác xã Đồng Phúc {number}", registered_on=date(2021, 3, 1))
        case = make_case(party, by=officer, today=FIRST_DAY)
        for turn in range(3):
            make_consultation(
                party,
                by=officer,
                held_on=FIRST_DAY + timedelta(days=(number + turn) % 28),
                channel="office",
                topics=["ocop", "tax"],
                cases=[case],
                outcome="follow_up",
                follow_up_on=FIRST_DAY + timedelta(days=60),
            )


def facts_of_today() -> Facts:
    """What requests can ask for of the rows there are now; sessions come from the test client."""
    case = Case.objects.open().first()
    return Facts(
        staff_session="",
        manager_session="",
        token="",
        cooperatives=[case.cooperative_id],
        receipts=[(case.reference, case.secret)],
        searches=["dong phuc"],
        busiest=[BUSY],
        first_month="2022-05",
    )


def signed_in(operation: Operation, people) -> Client:
    """A client that proves who it is as the operation's sender does."""
    if operation.who == "token":
        token = Token.objects.get_or_create(user=people["staff"])[0].key
        return Client(headers={"authorization": f"Token {token}"})
    client = Client()
    if operation.who in people:
        client.force_login(people[operation.who])
    return client


def send(client: Client, operation: Operation, ask: Ask):
    """Send one request; gives the answer, which must be the right one."""
    if ask.fields is None:
        answer = client.get(ask.path)
    else:
        fields = ask.fields | ({"client_id": fresh_id()} if operation.writes else {})
        answer = client.post(ask.path, fields, **({"content_type": JSON} if ask.kind == JSON else {}))
    assert answer.status_code == operation.answer, answer.content.decode()
    return answer


def queries(operation: Operation, people) -> int:
    """The statements of one request, beginnings and ends of transactions apart, the cache warm unless cold."""
    client, asks = signed_in(operation, people), operation.asks(facts_of_today())
    # The whole year of a report, the first page of a list.
    ask = asks[-1] if operation.name.startswith("month") else asks[0]
    if not operation.writes:
        send(client, operation, ask)
    if operation.cold:
        cache.clear()
    with CaptureQueriesContext(connection) as seen:
        send(client, operation, ask)
    return sum(not is_control(query["sql"]) for query in seen.captured_queries)


@pytest.mark.parametrize("operation", OPERATIONS, ids=[operation.name for operation in OPERATIONS])
def test_many_rows_take_as_many_queries_as_few_and_no_more_than_the_budget(operation, people):
    load_reference_units()
    work(people["staff"], 2)
    few = queries(operation, people)
    work(people["staff"], 12)
    assert queries(operation, people) == few
    assert few <= operation.most_queries


def test_the_list_and_its_count_stay_true_after_an_entry(people):
    work(people["staff"], 2)
    client = Client(headers={"authorization": f"Token {Token.objects.create(user=people['manager']).key}"})
    counts = []
    for _ in range(3):
        counts.append(client.get("/api/v1/consultations/?topic=ocop").json()["count"])
        make_consultation(by=people["staff"], topics=["ocop"])
    assert counts == [6, 7, 8]


def test_a_count_kept_for_one_question_answers_no_other(people):
    work(people["staff"], 2)
    make_consultation(by=people["staff"], topics=["loan"], channel="phone")
    client = Client()
    client.force_login(people["manager"])
    asked = {"": 7, "?topic=ocop": 6, "?topic=loan": 1, "?channel=phone": 1, "?topic=loan&channel=office": 0}
    for _ in range(2):
        assert {query: client.get(f"/tu-van/{query}").context["page"].paginator.count for query in asked} == asked


def test_people_of_a_cooperative_are_counted_their_own_entries_only(people):
    work(people["staff"], 2)
    own = make_consultation(by=people["staff"])
    reviewer, member = Client(), Client()
    reviewer.force_login(people["manager"])
    member.force_login(make_user("cooperative", cooperative=own.cooperative))
    totals = [client.get("/tu-van/").context["page"].paginator.count for client in (reviewer, member, reviewer)]
    assert totals == [7, 1, 7]
    assert [client.get("/api/v1/consultations/").json()["count"] for client in (reviewer, member)] == [7, 1]
