"""Files and lists of a past day call everybody what they were called then."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cooperatives.models import Cooperative, PastName, PastState
from cooperatives.register import enter_cooperative
from htx_portal.accounts.models import Role
from support_cases.closing_checks import verify_closing
from support_cases.closings import close_period
from support_cases.reports.basis import basis_of
from support_cases.reports.opened import open_figure
from support_cases.reports.periods import MONTH, Period
from support_cases.reports.registry import REPORTS
from tests.factories import (
    load_reference_units,
    make_case,
    make_consultation,
    make_cooperative,
    make_founding_group,
    make_user,
)

pytestmark = pytest.mark.django_db

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
CLOSED_AT = datetime(2024, 7, 2, 9, tzinfo=HERE)
LATER = datetime(2024, 9, 9, 9, tzinfo=HERE)
MAY, JUNE = Period.parse("2024-05", MONTH), Period.parse("2024-06", MONTH)
#: The month that was closed, and one of which only the knowledge of that day is asked for.
ASKED = ("period=2024-06", "period=2024-05&as_of=2024-07-03")


@pytest.fixture
def office(client):
    """A cooperative and a group served in two months of which the later one is closed."""
    with time_machine.travel(CLOSED_AT - timedelta(days=1), tick=False):
        officer, manager = make_user("staff", full_name="Hoàng Thị Cán"), make_user(Role.MANAGER)
        party = make_cooperative("Hợp tác xã Tên Cũ", tax_code="0101234567", registered_on=date(2020, 1, 1))
        group = make_founding_group("Nhóm Tên Cũ")
        reader = make_user("staff", full_name="Bàn Văn Nhóm")
        for day in (date(2024, 5, 6), date(2024, 6, 6)):
            make_consultation(party, by=officer, held_on=day)
            make_consultation(group, by=reader if day.month == 6 else officer, held_on=day)
        make_case(party, by=officer, opened_on=date(2024, 6, 3), due_on=date(2024, 6, 10))
    with time_machine.travel(CLOSED_AT, tick=False):
        close_period(JUNE, by=manager, today=CLOSED_AT.date(), now=CLOSED_AT)
    client.force_login(manager)
    return party, group, officer, reader


def rename(client, party, group, *officers) -> None:
    """Let everybody have another name in September; officers where they are given."""
    with time_machine.travel(LATER, tick=False):
        row = Cooperative.objects.get(pk=party.pk)
        row.name, row.tax_code = "Hợp tác xã Tên Mới", None
        enter_cooperative(row, today=LATER.date())
        admin = make_user(Role.ADMIN)
        client.force_login(admin)
        address = reverse("admin:cooperatives_foundinggroup_change", args=[group.pk])
        form = {"name": "Nhóm Tên Mới", "commune": group.commune_id, "formed_on": f"{group.formed_on:%d/%m/%Y}"}
        assert client.post(address, form).status_code == 302
        for officer in officers:
            officer.full_name = f"{officer.full_name} Mới"
            officer.save()
    cache.clear()


def files(client, *queries: str) -> dict[tuple, bytes]:
    """Every workbook and plain file of every report on some questions, and the list of entries."""
    cache.clear()
    asked = [(kind.slug, name, query, "") for kind in REPORTS.values() for name in ("xlsx", "csv") for query in queries]
    asked += [(REPORTS["served"].slug, "csv", query, "&bang=entries") for query in queries]
    return {one: client.get(f"/bao-cao/{one[0]}/tep.{one[1]}?{one[2]}{one[3]}").content for one in asked}


def test_files_of_a_closed_month_and_of_a_past_day_stay_the_same_bytes_when_a_party_is_renamed(client, office):
    with time_machine.travel(LATER, tick=False):
        before = files(client, *ASKED)
        rename(client, *office[:2])
        after = files(client, *ASKED)
    assert [one for one in before if before[one] != after[one]] == []
    entries = before[REPORTS["served"].slug, "csv", ASKED[0], "&bang=entries"].decode()
    assert all(text in entries for text in ("Hợp tác xã Tên Cũ", "0101234567", "Nhóm Tên Cũ"))


def test_files_of_a_closed_month_stay_the_same_bytes_when_officers_are_renamed(client, office):
    with time_machine.travel(LATER, tick=False):
        before = files(client, ASKED[0])
        rename(client, *office)
        after = files(client, ASKED[0])
    assert [one for one in before if before[one] != after[one]] == []


def test_files_of_today_call_everybody_what_they_are_called_today(client, office):
    rename(client, *office[:2])
    with time_machine.travel(LATER, tick=False):
        body = client.get(f"/bao-cao/{REPORTS['served'].slug}/tep.csv?period=2024-05&bang=entries").content.decode()
    assert [text in body for text in ("Tên Cũ", "0101234567", "Hợp tác xã Tên Mới", "Nhóm Tên Mới")] == [
        False, False, True, True,
    ]  # fmt: skip


@pytest.mark.database
@pytest.mark.parametrize(
    "code, cell",
    [
        ("coverage", ("totals", "served", "cooperatives")),
        ("flow", ("totals", "received", "cases")),
        ("workload", ("cases", "total", "overdue")),
        ("attention", ("totals", "open", "cases")),
    ],
)
def test_lists_of_a_closed_month_call_a_cooperative_what_it_was_called(client, office, code, cell):
    rename(client, *office[:2])
    opened = open_figure(REPORTS[code], basis_of(JUNE, as_of=None, today=LATER.date()), *cell)
    assert opened is not None
    assert [value for one in opened.lines(opened.rows) for value in one.values if "Tên" in str(value)] == [
        "Hợp tác xã Tên Cũ"
    ]


@pytest.mark.database
def test_the_cooperatives_behind_a_closed_figure_are_called_what_they_were(client, office):
    rename(client, *office[:2])
    with time_machine.travel(LATER, tick=False):
        page = client.get("/bao-cao/htx/?period=2024-06").content.decode()
    assert ("Hợp tác xã Tên Cũ" in page, "Hợp tác xã Tên Mới" in page) == (True, False)


@pytest.mark.database
def test_the_cooperatives_behind_a_closed_figure_lie_where_they_lay(client, office):
    load_reference_units()
    with time_machine.travel(LATER, tick=False):
        for code in ("02041", "01864"):
            enter_cooperative(Cooperative.objects.get(pk=office[0].pk), today=LATER.date(), commune_code=code)
        pages = [client.get(f"/bao-cao/htx/?{asked}").content.decode() for asked in (*ASKED, "period=2024-05")]
    assert ["xã Đồng Phúc · Ba Bể" in page for page in pages] == [True, True, False]


@pytest.mark.database
def test_a_new_name_is_no_move_and_leaves_every_check_right(client, office):
    rename(client, *office[:2])
    assert (PastName.objects.count(), PastState.objects.count()) == (2, 0)
    closing = basis_of(JUNE, as_of=None, today=LATER.date()).closing
    assert closing is not None
    assert verify_closing(type(closing).objects.get(pk=closing.pk)).differences == []


@pytest.mark.database
def test_of_several_names_each_day_has_its_own(client, office):
    party = office[0]
    for month, name in ((8, "Hợp tác xã Thứ Hai"), (9, "Hợp tác xã Thứ Ba")):
        with time_machine.travel(datetime(2024, month, 1, 9, tzinfo=HERE), tick=False):
            row = Cooperative.objects.get(pk=party.pk)
            row.name = name
            enter_cooperative(row, today=date(2024, month, 1))
    names = {}
    with time_machine.travel(LATER + timedelta(days=9), tick=False):
        for day in ("2024-07-05", "2024-08-05", "2024-09-05"):
            address = f"/bao-cao/{REPORTS['served'].slug}/tep.csv?period=2024-05&bang=entries&as_of={day}"
            names[day] = client.get(address).content.decode().splitlines()[1].split(";")[2]
    assert list(names.values()) == ["Hợp tác xã Tên Cũ", "Hợp tác xã Thứ Hai", "Hợp tác xã Thứ Ba"]


def test_a_page_of_a_list_asks_once_for_all_its_names(client, office):
    basis = basis_of(JUNE, as_of=None, today=LATER.date())
    opened = open_figure(REPORTS["coverage"], basis, "totals", "registered", "cooperatives")
    assert opened is not None
    with CaptureQueriesContext(connection) as queries:
        opened.lines(opened.rows)
    assert len(queries) == 2
