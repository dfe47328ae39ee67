"""Long files of reports: asked by POST, written by a worker, fetched by who asked, gone after days."""

import uuid
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.core.cache import cache
from django.utils import timezone
from openpyxl import load_workbook

from support_cases import report_files
from support_cases.exports import entry_lines, workbook
from support_cases.leases import Lease
from support_cases.models import Consultation, ReportFile
from support_cases.models.report_file import FileState
from support_cases.report_files import (
    GIVE_UP_AFTER,
    KEPT_FOR,
    LEASE,
    MOST_WAITING,
    delete_old_files,
    files_to_write,
    write_file,
)
from support_cases.reports.served import SERVED
from tests.factories import make_consultation, make_user
from tests.racing import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ADDRESS = "/bao-cao/luot-htx/tep.xlsx?from=2023-01&to=2023-08"
THREE = 3


@pytest.fixture
def manager(client, monkeypatch):
    """A signed-in manager of an office for which three entries are many."""
    cache.clear()
    monkeypatch.setattr("support_cases.pages.report_files.MOST_AT_ONCE", 2)
    for _ in range(THREE):
        make_consultation(held_on=date(2023, 5, 5))
    user = make_user("manager")
    client.force_login(user)
    return user


def ask(client, token=None):
    """Press the button that has the file written; return the row and the page it leads to."""
    answer = client.post(ADDRESS, {"token": str(token or uuid.uuid4())})
    assert answer.status_code == 302
    return ReportFile.objects.order_by("-asked_at").first(), answer["Location"]


def test_looking_at_a_long_file_writes_nothing_and_offers_to_have_it_written(client, manager):
    answer = client.get(ADDRESS)
    assert "Tệp này ghi 3 lần tư vấn nên cần lập vài phút." in answer.content.decode()
    assert ReportFile.objects.count() == 0


def test_a_file_is_written_by_the_worker_and_fetched_by_its_link(client, manager):
    row, page = ask(client)
    assert (row.state, row.person, row.total) == (FileState.WAITING, manager, THREE)
    waiting = client.get(page)
    assert waiting["Refresh"] == "3"
    assert "Đang chờ" in waiting.content.decode()
    assert write_file(row.pk, timezone.now()) == FileState.READY
    ready = client.get(page)
    assert not ready.has_header("Refresh")
    assert f"{page}tai/" in ready.content.decode()
    fetched = client.get(f"{page}tai/")
    assert fetched["Content-Disposition"] == 'attachment; filename="bao-cao-luot-htx-2023-8M.xlsx"'
    assert load_workbook(BytesIO(fetched.content))["Lần tư vấn"].max_row == 1 + THREE


def test_pressing_twice_makes_one_file(client, manager):
    token = uuid.uuid4()
    assert ask(client, token)[1] == ask(client, token)[1]
    assert ReportFile.objects.count() == 1


def test_the_token_of_somebody_else_leads_nowhere_near_their_file(client, manager):
    row, _page = ask(client)
    client.force_login(make_user("staff"))
    answer = client.post(ADDRESS, {"token": str(row.pk)})
    assert answer.status_code == 404 or answer["Location"] != f"/bao-cao/tep/{row.pk}/"


def test_nobody_else_sees_or_fetches_a_file(client, manager):
    row, page = ask(client)
    write_file(row.pk, timezone.now())
    for role in ("staff", "manager", "admin"):
        client.force_login(make_user(role))
        assert [client.get(page).status_code, client.get(f"{page}tai/").status_code] == [404, 404]


def test_a_file_that_is_not_ready_cannot_be_fetched(client, manager):
    assert client.get(f"{ask(client)[1]}tai/").status_code == 404


def test_a_person_has_only_so_many_files_waiting(client, manager):
    for _ in range(MOST_WAITING):
        ask(client)
    refused = client.post(ADDRESS, {"token": str(uuid.uuid4())}, follow=True)
    assert "Bạn đang có 5 tệp chờ lập" in refused.content.decode()
    assert ReportFile.objects.count() == MOST_WAITING


def test_progress_is_told_while_the_file_is_written(client, manager, monkeypatch):
    row, _page = ask(client)
    told = []
    monkeypatch.setattr(workbook, "_TELL_EVERY", 1)
    monkeypatch.setattr(Lease, "tell", lambda lease, done: told.append(done))
    write_file(row.pk, timezone.now())
    assert told == list(range(1, len(told) + 1))
    assert ReportFile.objects.get().percent == 100


def test_a_file_whose_worker_died_is_written_by_the_next_one(client, manager):
    row, _page = ask(client)
    now = timezone.now()
    ReportFile.objects.filter(pk=row.pk).update(state=FileState.RUNNING, leased_until=now + LEASE, done=2)
    assert (files_to_write(now), write_file(row.pk, now)) == ([], "")
    later = now + LEASE + timedelta(seconds=1)
    assert files_to_write(later) == [row.pk]
    assert write_file(row.pk, later) == FileState.READY


def test_a_worker_that_lost_its_lease_writes_nothing_over_the_other(client, manager, monkeypatch):
    row, _page = ask(client)
    now = timezone.now()
    real = report_files.make

    def slow(*args, **kwargs):
        monkeypatch.setattr(report_files, "make", real)
        made = real(*args, **kwargs)
        assert write_file(row.pk, now + LEASE + timedelta(seconds=1)) == FileState.READY
        return made

    monkeypatch.setattr(report_files, "make", slow)
    assert write_file(row.pk, now) == ""
    assert ReportFile.objects.get().state == FileState.READY


def test_a_file_that_cannot_be_written_says_so_and_is_not_tried_for_ever(client, manager, monkeypatch):
    row, page = ask(client)
    monkeypatch.setattr(report_files, "make", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_file(row.pk, timezone.now())
    assert "Không lập được tệp này" in client.get(page).content.decode()
    assert files_to_write(timezone.now()) == []


def test_a_file_nobody_wrote_for_long_is_given_up(client, manager):
    row, _page = ask(client)
    assert files_to_write(timezone.now() + GIVE_UP_AFTER + timedelta(minutes=1)) == []
    row.refresh_from_db()
    assert row.state == FileState.FAILED


def test_files_are_deleted_after_days(client, manager):
    row, page = ask(client)
    write_file(row.pk, timezone.now())
    assert delete_old_files(timezone.now() + KEPT_FOR - timedelta(minutes=1)) == 0
    assert delete_old_files(timezone.now() + KEPT_FOR + timedelta(minutes=1)) == 1
    assert client.get(page).status_code == 404


def test_a_file_speaks_the_language_of_who_asked(client, manager):
    client.cookies["django_language"] = "en"
    row, _page = ask(client)
    assert row.language == "en"


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_writes_the_file(client, manager):
    row, _page = ask(client)
    now = timezone.now()
    ended = at_once(*[lambda: write_file(row.pk, now)] * 2)
    assert sorted(ended) == ["", FileState.READY]


@pytest.mark.django_db(transaction=True)
def test_pressing_twice_at_the_same_moment_makes_one_file(client, manager):
    question = report_files.file_question(SERVED, "xlsx", {"from": "2023-01", "to": "2023-08"})
    token, now = uuid.uuid4(), timezone.now()
    made = at_once(*[lambda: report_files.ask_for_file(question, person=manager, now=now, token=token, total=3)] * 2)
    assert [row.pk for row in made] == [token, token]


@pytest.mark.django_db(transaction=True)
def test_progress_is_noted_while_somebody_else_records(client, manager, monkeypatch):
    row, _page = ask(client)
    monkeypatch.setattr(entry_lines, "_CHUNK", 1)
    monkeypatch.setattr(workbook, "_TELL_EVERY", 1)
    real = Lease.tell

    def tell(lease, done):
        assert at_once(lambda: make_user("staff").pk)[0] > 0
        real(lease, done=done)

    monkeypatch.setattr(Lease, "tell", tell)
    assert write_file(row.pk, timezone.now()) == FileState.READY
    content = ReportFile.objects.get().content
    assert load_workbook(BytesIO(bytes(content)))["Lần tư vấn"].max_row == 1 + THREE


@pytest.mark.parametrize("table", ["khong-co", "entries%00x", "totals%00x"])
def test_a_table_there_is_not_is_refused_at_once(client, manager, table):
    address = f"{ADDRESS.replace('xlsx', 'csv')}&bang={table}"
    assert [client.get(address).status_code, client.post(address).status_code] == [404, 404]
    assert not ReportFile.objects.exists()


@pytest.mark.parametrize("query", ["&bang=entries", "&bang=entries%00", "&bang=%00"])
def test_a_table_or_the_entries_are_asked_for_as_lines(client, manager, query):
    assert client.post(f"{ADDRESS.replace('xlsx', 'csv')}{query}").status_code == 302
    row = ReportFile.objects.get()
    assert "\x00" not in "".join(row.asked.values())
    assert write_file(row.pk, timezone.now()) == FileState.READY


@pytest.mark.parametrize("name", ["period", "from", "to", "calendar", "frame", "as_of"])
def test_what_cannot_be_read_asks_for_no_file(client, manager, name):
    answer = client.post(f"{ADDRESS}&{name}=2023%00")
    assert answer["Location"].startswith("/bao-cao/?")
    assert not ReportFile.objects.exists()


def test_a_file_written_after_midnight_tells_what_was_known_the_day_before(client, manager):
    row, page = ask(client)
    late = make_consultation(held_on=date(2023, 5, 6))
    asked_at, now = timezone.now() - timedelta(days=1), timezone.now()
    ReportFile.objects.filter(pk=row.pk).update(asked_at=asked_at)
    Consultation.objects.exclude(pk=late.pk).update(recorded_at=asked_at - timedelta(hours=1))
    assert write_file(row.pk, now) == FileState.READY
    book = load_workbook(BytesIO(client.get(f"{page}tai/").content))
    assert book["Lần tư vấn"].max_row == 1 + THREE
    front = {line[0].value: line[1].value for line in book.worksheets[0].iter_rows(max_col=2)}
    assert front["Số liệu biết đến hết ngày"].date() == timezone.localdate(asked_at)
