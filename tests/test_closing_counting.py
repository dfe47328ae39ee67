"""Closing a period with much to count: it is closed at once, and its figures are counted while nobody waits."""

import threading
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from htx_portal.accounts.models import Role
from support_cases import closings
from support_cases.closing_checks import verify_closing
from support_cases.closings import (
    LEASE,
    AlreadyClosed,
    close_period,
    closings_to_count,
    digest_of,
    keep_figures,
    reopen_period,
)
from support_cases.corrections import void_consultation
from support_cases.drafts import periods_to_draft
from support_cases.leases import Lease
from support_cases.models import Closing, Consultation
from support_cases.reports.adjustments import ADJUSTMENTS
from support_cases.reports.answers import answer
from support_cases.reports.periods import MONTH, Month, Period
from support_cases.reports.registry import REPORTS
from support_cases.reports.served import served
from support_cases.reports.versions import one_state
from tests.factories import make_consultation, make_cooperative, make_user
from tests.racing import PATIENCE, at_once

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ADDRESS = "/bao-cao/chot/month-2023-08-2023-08/"


def month(number: int) -> Period:
    """A month of 2023."""
    return Period(MONTH, Month(2023, number), Month(2023, number))


AUGUST, SEPTEMBER = month(8), month(9)


@pytest.fixture(autouse=True)
def entry(monkeypatch) -> Consultation:
    """One entry of August, in an office for which that is much."""
    monkeypatch.setattr(closings, "MOST_AT_ONCE", 0)
    return make_consultation(make_cooperative(), held_on=date(2023, 8, 10))


def close(period: Period = AUGUST) -> Closing:
    """Close a period now."""
    return close_period(period, by=make_user(Role.MANAGER), today=timezone.localdate())


def report(period: Period = AUGUST):
    """The report as it reads today."""
    return served(period, frame="2022", today=timezone.localdate())


def change(entry: Consultation) -> None:
    """What comes after a closing: a late entry, and one that is taken back."""
    make_consultation(entry.cooperative, held_on=date(2023, 8, 20))
    make_consultation(entry.cooperative, held_on=date(2023, 8, 21))
    void_consultation(entry, by=make_user(), reason="Ghi nhầm", now=timezone.now())


def test_the_figures_kept_later_are_those_known_when_the_period_was_closed(entry):
    closing = close()
    assert (closing.digest, closing.figures) == ("", {})
    change(entry)
    assert closings_to_count(timezone.now()) == [closing.pk]
    assert keep_figures(closing.pk, timezone.now())
    closing.refresh_from_db()
    assert closing.figures["served"]["total"] == {"": [1, 1]}
    assert closing.digest == digest_of(AUGUST, closing.figures, closing.names)
    assert sorted(closing.figures) == sorted(REPORTS)
    assert (verify_closing(closing).holds, closing.reports_counted) == (True, len(REPORTS))
    assert (closings_to_count(timezone.now()), keep_figures(closing.pk, timezone.now())) == ([], False)


def test_until_then_the_period_answers_as_closed_with_what_was_known_when_it_was(entry, client):
    close()
    change(entry)
    found = report()
    assert (found.closed, found.consultations, found.recorded_late, found.voided_late) == (True, 1, 2, 1)
    named = answer(ADJUSTMENTS, SEPTEMBER, frame="2022", today=timezone.localdate()).figures
    assert named["total"] == {"": [2, 1, 0]}
    assert named["books"] == {
        "sent": [1], "named_before": [0], "named_now": [1], "not_closed": [0], "period": [0], "cumulative": [2],
    }  # fmt: skip
    client.force_login(make_user(Role.MANAGER))
    told = client.get("/api/v1/reports/coverage/?period=2023-08").json()
    assert (told["closed"], told["digest"]) == (True, None)
    assert "Chưa có: số liệu được tính" in client.get("/bao-cao/?period=2023-08").text


def test_what_asks_for_closings_sees_one_that_stands():
    close()
    with pytest.raises(AlreadyClosed):
        close()
    assert AUGUST not in list(periods_to_draft(timezone.now()))


def test_checks_say_that_there_is_nothing_to_compare_yet_and_may_count_it():
    closing = close()
    out = StringIO()
    for command in (["check_closings"], ["monthly_report", "--period", "2023-08", "--verify"]):
        with pytest.raises(CommandError, match=r"chưa tính xong"):
            call_command(*command, stdout=out)
    assert f"{closing}: số liệu chưa tính xong" in out.getvalue()
    call_command("check_closings", "--keep-missing", stdout=out)
    call_command("monthly_report", "--period", "2023-08", "--verify", stdout=out)


def test_the_page_tells_how_far_it_is_and_looks_again_by_itself(client, monkeypatch):
    queued = []
    monkeypatch.setattr("support_cases.pages.closings.hurry", lambda task, pk: queued.append((task, pk)))
    client.force_login(make_user(Role.MANAGER))
    assert client.post(ADDRESS).status_code == 302
    closing = Closing.objects.get()
    assert queued == [("count_closing", closing.pk)]
    Closing.objects.update(reports_counted=3)
    waiting = client.get(ADDRESS)
    assert waiting["Refresh"] == "3"
    assert f"Đang tính số liệu để giữ lại: 3/{len(REPORTS)} báo cáo." in waiting.text
    assert "Lượt HTX được tư vấn" not in waiting.text
    assert "Đang tính số liệu" in client.get("/bao-cao/chot/?calendar=month&nam=2023").text
    keep_figures(closing.pk, timezone.now())
    kept = client.get(ADDRESS)
    assert not kept.has_header("Refresh")
    assert "Lượt HTX được tư vấn" in kept.text


def test_progress_is_told_report_by_report(monkeypatch):
    told = []
    monkeypatch.setattr(Lease, "tell", lambda lease, reports_counted: told.append(reports_counted))
    keep_figures(close().pk, timezone.now())
    assert told == list(range(1, len(REPORTS) + 1))


def test_figures_whose_worker_died_are_counted_by_the_next_one():
    closing, now = close(), timezone.now()
    Closing.objects.update(leased_until=now + LEASE, reports_counted=4)
    assert (closings_to_count(now), keep_figures(closing.pk, now)) == ([], False)
    later = now + LEASE + timedelta(seconds=1)
    assert closings_to_count(later) == [closing.pk]
    assert keep_figures(closing.pk, later)


def test_figures_that_cannot_be_counted_are_tried_again_and_the_period_stays_closed(monkeypatch):
    closing, now = close(), timezone.now()
    with monkeypatch.context() as broken:
        broken.setattr(closings, "counted_at", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            keep_figures(closing.pk, now)
    assert report().closed
    assert closings_to_count(now) == []
    assert keep_figures(closing.pk, now + LEASE + timedelta(seconds=1))


def test_a_worker_that_lost_its_lease_keeps_nothing(monkeypatch, entry):
    closing, now = close(), timezone.now()
    real = closings.counted_at

    def slow(*args, **kwargs):
        monkeypatch.setattr(closings, "counted_at", real)
        assert keep_figures(closing.pk, now + LEASE + timedelta(seconds=1))
        return real(*args, **kwargs)

    monkeypatch.setattr(closings, "counted_at", slow)
    assert not keep_figures(closing.pk, now)
    assert verify_closing(Closing.objects.get()).holds


def test_a_closing_taken_back_while_it_is_counted_keeps_nothing_and_may_be_closed_again(monkeypatch, entry):
    closing, now = close(), timezone.now()
    real, manager = closings.counted_at, make_user(Role.MANAGER)

    def meanwhile(*args, **kwargs):
        monkeypatch.setattr(closings, "counted_at", real)
        reopen_period(closing, by=manager, reason="Thiếu một huyện", now=timezone.now())
        return real(*args, **kwargs)

    monkeypatch.setattr(closings, "counted_at", meanwhile)
    assert not keep_figures(closing.pk, now)
    make_consultation(entry.cooperative, held_on=date(2023, 8, 20))
    assert (report().closed, report().consultations) == (False, 2)
    again = close()
    assert closings_to_count(timezone.now()) == [again.pk]
    assert keep_figures(again.pk, timezone.now())
    kept = {row.pk: row.figures.get("served", {}).get("total") for row in Closing.objects.all()}
    assert kept == {closing.pk: None, again.pk: {"": [2, 1]}}


@pytest.mark.django_db(transaction=True)
def test_whatever_is_recorded_while_figures_are_counted_is_not_in_them(entry):
    closing, party, by = close(), entry.cooperative, make_user()

    def record():
        for _ in range(4):
            make_consultation(party, by=by, held_on=date(2023, 8, 20))

    results = at_once(record, lambda: keep_figures(closing.pk, timezone.now()), record)
    assert results == [None, True, None]
    closing.refresh_from_db()
    assert closing.figures["served"]["total"] == {"": [1, 1]}
    assert verify_closing(closing).holds
    assert report().recorded_late == 8


@pytest.mark.django_db(transaction=True)
def test_two_questions_on_one_state_get_one_answer_and_nobody_waits(entry):
    asked, written = threading.Event(), threading.Event()

    def look():
        with one_state():
            first = Consultation.objects.count()
            asked.set()
            assert written.wait(PATIENCE)
            return first, Consultation.objects.count()

    def record():
        asked.wait(PATIENCE)
        make_consultation(entry.cooperative, by=entry.officer, held_on=date(2023, 8, 20))
        written.set()

    assert at_once(look, record) == [(1, 1), None]
    assert Consultation.objects.count() == 2
