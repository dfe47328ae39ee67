"""Every figure opens into exactly what it counts, also of a past day or a closing, after cooperatives moved."""

from datetime import date, datetime, timedelta
from io import StringIO
from itertools import product
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command

from cooperatives.models import AdminUnit, Cooperative, find_commune
from cooperatives.register import enter_cooperative
from support_cases.closings import close_period
from support_cases.corrections import void_consultation
from support_cases.models import ConsultationTopic
from support_cases.reports.answers import Answer, answer
from support_cases.reports.counting import FRAMES
from support_cases.reports.periods import MONTH, Month, Period
from support_cases.reports.registry import REPORTS
from tests.factories import load_reference_units, make_consultation, make_cooperative, make_founding_group, make_user
from tests.opening import wrong_figures

pytestmark = [pytest.mark.django_db, pytest.mark.database]

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
AUGUST = Period(MONTH, Month(2025, 8), Month(2025, 8))
SUMMER = Period(MONTH, Month(2025, 7), Month(2025, 9))
TODAY = date(2026, 2, 1)
#: Before the cooperatives moved, and when all was said.
BEFORE, AFTER = datetime(2025, 9, 10, 9, tzinfo=HERE), datetime(2025, 10, 20, 9, tzinfo=HERE)
OLD_CODES = ("02041", "01933", "01864", "01834", "02146")


@pytest.fixture(autouse=True)
def counted_anew(settings):
    """No cache, said explicitly: every report is counted."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}


def at(moment: datetime):
    """Let it be ``moment`` when the first of what is inside is written."""
    return time_machine.travel(moment)


@pytest.fixture
def moved() -> list[Cooperative]:
    """Cooperatives served in August 2025 that changed place or kind in October, after the month was closed."""
    load_reference_units()
    officer = make_user()
    with at(BEFORE):
        places = [find_commune(code, date(2023, 1, 1)) for code in OLD_CODES]
        rows = [make_cooperative(commune=place) for place in places]
        # In a new commune of two old districts: known in the frame of 2025 alone.
        new = find_commune("01933", date(2025, 8, 1))
        rows.append(make_cooperative(commune=new, registered_on=date(2025, 7, 20), kind="tht"))
        for number, row in enumerate(rows):
            for day in (5, 14, 15, 20)[: 1 + number % 4]:
                make_consultation(
                    row,
                    by=officer,
                    today=BEFORE.date(),
                    held_on=date(2025, 8, day),
                    topics=["tax", "ocop"][: 1 + day % 2],
                )
        make_consultation(make_founding_group(commune=places[0]), by=officer, held_on=date(2025, 8, 20))
        # No act records an entry without topic, but an older set may hold some.
        ConsultationTopic.objects.filter(consultation=make_consultation(rows[0], held_on=date(2025, 8, 9))).delete()
        call_command("rebuild_tallies", stdout=StringIO())
        close_period(AUGUST, by=officer, today=BEFORE.date())
    with at(AFTER):
        move(rows[0], "02146")
        move(rows[1], "01933", kind="lhhtx", old_district=AdminUnit.objects.get(code="064"))
        rows[2].kind = "tht"
        enter_cooperative(rows[2], today=AFTER.date())
        move(rows[-1], "02041")
        make_consultation(rows[3], by=officer, today=AFTER.date(), held_on=date(2025, 8, 30))
        gone = rows[4].consultations.first()
        assert gone is not None
        void_consultation(gone, by=officer, reason="Ghi nhầm", now=AFTER + timedelta(minutes=5))
    return rows


def move(row: Cooperative, code: str, **fields) -> None:
    """Move a cooperative to the present commune of a code, or to the old one where the code was old only."""
    for name, value in fields.items():
        setattr(row, name, value)
    row.registered_on = date(2025, 7, 20) if code == "01933" else date(2020, 1, 1)
    enter_cooperative(row, today=AFTER.date(), commune_code=code)


def asked(code: str, period: Period, frame: str, as_of: date | None) -> Answer:
    """One report as it reads months later."""
    return answer(REPORTS[code], period, frame=frame, today=TODAY, as_of=as_of)


@pytest.mark.parametrize("code", ["served", "territory", "coverage"])
def test_a_figure_is_as_many_as_the_rows_it_opens_into(moved, code):
    opened = 0
    told = ((AUGUST, None), (SUMMER, None), (SUMMER, BEFORE.date()), (SUMMER, AFTER.date()))
    for (period, as_of), frame in product(told, FRAMES):
        found = asked(code, period, frame, as_of)
        assert wrong_figures(found, as_of=as_of) == [], (period, frame, as_of)
        opened += sum(cell.behind is not None for table in found.tables for row in table.rows for cell in row.cells)
    assert opened > 200


def test_the_moves_change_what_a_figure_counts_so_that_opening_it_is_put_to_the_test(moved):
    found = {day: asked("served", SUMMER, "2022", day).figures for day in (BEFORE.date(), None)}
    for dimension in ("district", "old_commune", "commune", "kind", "total"):
        assert found[BEFORE.date()][dimension] != found[None][dimension], dimension
    assert found[None]["topic"][""] == [1, 1]


@pytest.mark.parametrize("query", ["closing=999999", "closing=x", "closing=-1", "closing=" + "9" * 30])
def test_a_closing_there_is_not_opens_no_entry(client, moved, query):
    client.force_login(make_user("manager"))
    assert client.get(f"/tu-van/?{query}").context["page"].paginator.count == 0
    answered = client.get(f"/api/v1/consultations/?{query}")
    assert answered.status_code == 400 or answered.json()["count"] == 0


def test_page_and_api_list_what_a_closing_counted(client, moved):
    client.force_login(make_user("manager"))
    closing = asked("served", AUGUST, "2022", None).basis.closing
    query = f"closing={closing.pk}&party=cooperative&held_from=2025-08-01&held_to=2025-08-31"
    assert (
        client.get(f"/tu-van/?{query}").context["page"].paginator.count
        == client.get(f"/api/v1/consultations/?{query}").json()["count"]
        == closing.figures["served"]["total"][""][0]
    )


def test_people_of_a_cooperative_cannot_ask_for_entries_taken_back(client, moved):
    client.force_login(make_user("cooperative", cooperative=moved[4]))
    stands = moved[4].consultations.standing().count()
    closing = asked("served", AUGUST, "2022", None).basis.closing
    for query in (f"closing={closing.pk}", "recorded_to=10/09/2025"):
        assert client.get(f"/tu-van/?{query}").context["page"].paginator.count == stands
