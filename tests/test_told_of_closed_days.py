"""Who records, corrects or voids an entry of a closed day is told what becomes of it, and nobody else is."""

import re
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from htx_portal.accounts.models import Role
from support_cases.closings import reopen_period
from support_cases.corrections import void_consultation
from support_cases.models import Closing
from support_cases.reports.closed_days import ClosedDay, closed_day, closed_day_of
from support_cases.reports.periods import ADMINISTRATIVE, MONTH, Month, Period
from tests.factories import make_consultation, make_cooperative, make_founding_group, make_user

pytestmark = pytest.mark.django_db
AUGUST = Period(MONTH, Month(2023, 8), Month(2023, 8))
DAY = date(2023, 8, 10)
IN_CLOSED = "Ngày 10/08/2023 nằm trong kỳ đã chốt: Tháng 08/2023 (01/08/2023 – 31/08/2023), chốt ngày"
LATE = "Lần ghi này không làm thay đổi số liệu đã báo cáo; nó được nêu là điều chỉnh trong báo cáo kế tiếp."
COUNTED = "Số liệu đã báo cáo có tính lần ghi này; sửa hoặc hủy bây giờ không làm thay đổi số liệu ấy"
VOIDED = "Số liệu đã báo cáo vẫn tính lần ghi này; việc hủy hoặc thay được nêu là điều chỉnh trong báo cáo kế tiếp."
OF_GROUP = "Ghi, sửa hoặc hủy bây giờ không làm thay đổi số liệu nhóm sáng lập đã báo cáo."
SENTENCES = (LATE, COUNTED, VOIDED, OF_GROUP)


@pytest.fixture
def officer(client):
    """An officer who is signed in."""
    person = make_user()
    client.force_login(person)
    return person


def close(period: Period = AUGUST, at: datetime | None = None) -> Closing:
    """A closing of which the figures do not matter."""
    return Closing.objects.create(
        calendar=period.calendar, first=str(period.first), last=str(period.last),
        closed_at=at or timezone.now(), closed_by=make_user(Role.MANAGER),
    )  # fmt: skip


def words_of(answer) -> str:
    """The words of a page without its tags, spaces collapsed."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode()))


def told(answer) -> list[str]:
    """The sentences a page says about a closed day."""
    page = words_of(answer)
    found = [words for words in SENTENCES if words in page]
    assert bool(found) == ("nằm trong kỳ đã chốt" in page)
    return found


def typed(party, **changes) -> dict:
    """What an officer sends in the form."""
    return {
        "client_id": uuid4(), "party": f"htx-{party.pk}", "topics": ["ocop"], "channel": "office",
        "outcome": "answered", "held_on": f"{DAY:%d/%m/%Y}", "question": "HTX hỏi về OCOP.",
    } | changes  # fmt: skip


@pytest.mark.database
def test_of_several_closings_of_a_day_the_first_that_stands_is_named():
    now = timezone.now()
    quarter = close(Period(MONTH, Month(2023, 7), Month(2023, 9)), now - timedelta(days=2))
    close(AUGUST, now - timedelta(days=1))
    other = close(Period(ADMINISTRATIVE, Month(2023, 9), Month(2023, 9)), now - timedelta(days=3))
    assert closed_day(date(2023, 6, 30)) is None
    assert closed_day(DAY) == ClosedDay(DAY, "Quý III năm 2023 (01/07/2023 – 30/09/2023)", quarter.closed_at)
    # The administrative September begins on 15 August.
    of_both = closed_day(date(2023, 8, 15))
    assert (of_both.period, of_both.closed_at) == ("Tháng 09/2023 (15/08/2023 – 14/09/2023)", other.closed_at)
    reopen_period(quarter, by=quarter.closed_by, reason="Thiếu", now=now)
    assert closed_day(DAY).period == "Tháng 08/2023 (01/08/2023 – 31/08/2023)"


@pytest.mark.database
def test_an_entry_is_late_from_the_moment_of_the_closing_on():
    at = timezone.now()
    close(at=at)
    before, then = (closed_day(DAY, at - step) for step in (timedelta(microseconds=1), timedelta(0)))
    assert (before.late, then.late, closed_day(DAY).late) == (False, True, True)


def test_the_question_is_one_query_whatever_was_closed(django_assert_num_queries):
    for number in range(1, 9):
        close(Period(MONTH, Month(2023, 1), Month(2023, number)))
    with django_assert_num_queries(1):
        assert closed_day(date(2023, 3, 3)) is not None


def test_who_records_an_entry_of_a_closed_day_is_told_that_it_becomes_an_adjustment(client, officer):
    close()
    page = client.post("/tu-van/moi/", typed(make_cooperative()), follow=True)
    assert (told(page), IN_CLOSED in words_of(page)) == ([LATE], True)
    page = client.post("/tu-van/moi/", typed(make_cooperative(), held_on="10/09/2023"), follow=True)
    assert told(page) == []


def test_the_form_shown_again_tells_it_beside_what_is_wrong(client, officer):
    close()
    assert told(client.get("/tu-van/moi/")) == []
    assert told(client.post("/tu-van/moi/", typed(make_cooperative(), question=""))) == [LATE]
    assert told(client.post("/tu-van/moi/", typed(make_cooperative(), question="", held_on="xx"))) == []
    assert told(client.post("/tu-van/moi/", typed(make_cooperative(), find="1"))) == []
    group = typed(make_cooperative(), question="") | {"party": f"nhom-{make_founding_group(formed_on=DAY).pk}"}
    assert told(client.post("/tu-van/moi/", group)) == [OF_GROUP]


def test_a_counted_entry_is_left_alone_until_somebody_would_change_it(client, officer):
    row = make_consultation(held_on=DAY, by=officer)
    assert told(client.get(f"/tu-van/{row.pk}/")) == []
    close()
    assert told(client.get(f"/tu-van/{row.pk}/")) == [COUNTED]
    assert told(client.get(f"/tu-van/{row.pk}/sua/")) == [COUNTED]
    client.force_login(make_user(Role.MANAGER))
    assert told(client.get(f"/tu-van/{row.pk}/")) == []


def test_who_voids_a_counted_entry_is_told_that_the_report_still_has_it(client, officer):
    row = make_consultation(held_on=DAY, by=officer)
    close()
    page = client.post(f"/tu-van/{row.pk}/huy/", {"reason": "Ghi nhầm"}, follow=True)
    assert told(page) == [VOIDED]


def test_who_corrects_a_counted_entry_is_told_on_both_entries(client, officer):
    row = make_consultation(held_on=DAY, by=officer)
    close()
    sent = typed(row.cooperative, reason="Nhầm ngày", held_on="11/08/2023")
    assert told(client.post(f"/tu-van/{row.pk}/sua/", sent | {"reason": ""})) == [LATE, COUNTED]
    page = client.post(f"/tu-van/{row.pk}/sua/", sent, follow=True)
    assert told(page) == [LATE]
    assert told(client.get(f"/tu-van/{row.pk}/")) == [VOIDED]


@pytest.mark.parametrize("closed_first", [True, False])
def test_of_an_entry_no_report_was_changed_by_nothing_is_told(client, officer, closed_first):
    if closed_first:
        close()
    row = make_consultation(held_on=DAY, by=officer)
    void_consultation(row, by=officer, reason="Ghi nhầm", now=timezone.now())
    if not closed_first:
        close()
    row.refresh_from_db()
    assert closed_day_of(row) is None
    assert told(client.get(f"/tu-van/{row.pk}/")) == []


def test_people_of_a_cooperative_are_told_nothing_of_closings(client):
    close()
    row = make_consultation(held_on=DAY)
    client.force_login(make_user("cooperative", cooperative=row.cooperative))
    assert told(client.get(f"/tu-van/{row.pk}/")) == []
