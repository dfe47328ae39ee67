"""A closing and what is recorded at the same moment: it is in the figures or after them, never neither."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from cooperatives.models import Cooperative, Cutoff, PastState, find_commune, moment_to_close, moment_to_record
from cooperatives.register import enter_cooperative
from htx_portal.accounts.models import Role
from support_cases.closing_checks import verify_closing
from support_cases.closings import close_period, reopen_period
from support_cases.consultations import finish_follow_up
from support_cases.corrections import void_consultation
from support_cases.models import CaseEvent, Closing, Consultation, FollowUp
from support_cases.reports.periods import MONTH, Month, Period
from support_cases.workflow import take_step
from tests.factories import load_reference_units, make_case, make_consultation, make_cooperative, make_user
from tests.racing import PATIENCE, at_once

pytestmark = pytest.mark.database
JUNE = Period(MONTH, Month(2024, 6), Month(2024, 6))
#: Long enough for a closing that does not wait to be over.
A_WHILE = 0.4


@dataclass(frozen=True)
class Act:
    """One thing somebody does, and the moment it bears."""

    do: Callable[[], object]
    moment: Callable[[], datetime]


def acts() -> dict[str, Act]:
    """A month of work, and what may happen to it at the moment it is closed."""
    load_reference_units()
    by, today = make_user(), timezone.localdate()
    party = make_cooperative(commune=find_commune("02041", date(2024, 1, 1)))
    row = make_consultation(party, by=by, held_on=date(2024, 6, 3))
    case = make_case(party, by=by, today=date(2024, 6, 3))
    # Asked for before the transaction begins, as a page does.
    clicked = timezone.now()

    def move():
        moved = Cooperative.objects.get(pk=party.pk)
        moved.commune = find_commune("01933", date(2024, 1, 1))
        enter_cooperative(moved, today=today)

    return {
        "entry": Act(
            lambda: make_consultation(party, by=by, held_on=date(2024, 6, 11)),
            lambda: Consultation.objects.latest("pk").recorded_at,
        ),
        "void": Act(
            lambda: void_consultation(row, by=by, reason="Ghi nhầm", now=clicked),
            lambda: Consultation.objects.get(pk=row.pk).voided_at,
        ),
        "step": Act(
            lambda: take_step(case, "withdraw", by=by, today=today, note="Rút", effective_on=date(2024, 6, 20)),
            lambda: CaseEvent.objects.latest("pk").recorded_at,
        ),
        "move": Act(move, lambda: PastState.objects.get().until),
        "cooperative": Act(
            lambda: make_cooperative("HTX Vào sổ", registered_on=date(2024, 6, 5)),
            lambda: Cooperative.objects.get(name="HTX Vào sổ").created_at,
        ),
    }


def close() -> Closing:
    """Close June now."""
    return close_period(JUNE, by=make_user(Role.MANAGER), today=timezone.localdate())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["entry", "void", "step", "move", "cooperative"])
def test_a_closing_waits_for_what_is_being_recorded_and_counts_it(name):
    act = acts()[name]
    written, passed = threading.Event(), threading.Event()

    def record():
        with transaction.atomic():
            act.do()
            written.set()
            return passed.wait(A_WHILE)

    def close_then():
        written.wait(PATIENCE)
        with transaction.atomic():
            moment_to_close()
            passed.set()
        close()

    assert at_once(record, close_then) == [False, None]
    closing = Closing.objects.get()
    assert act.moment() < closing.closed_at
    assert verify_closing(closing).differences == []


@pytest.mark.django_db(transaction=True)
def test_what_had_to_wait_for_a_closing_is_recorded_after_it():
    everything = acts()
    closed = threading.Event()

    def close_slowly():
        with transaction.atomic():
            close()
            closed.set()
            threading.Event().wait(A_WHILE)

    def wait_and(do):
        closed.wait(PATIENCE)
        do()

    results = at_once(close_slowly, *((lambda do=act.do: wait_and(do)) for act in everything.values()))
    assert not [found for found in results if isinstance(found, Exception)]
    closing = Closing.objects.get()
    assert {name: act.moment() >= closing.closed_at for name, act in everything.items()} == dict.fromkeys(
        everything, True
    )
    assert closing.figures["served"]["total"] == {"": [1, 1]}
    assert verify_closing(closing).differences == []


@pytest.mark.django_db(transaction=True)
def test_nothing_is_stamped_outside_a_transaction():
    with pytest.raises(TransactionManagementError):
        moment_to_record()
    assert connection.in_atomic_block is False


@pytest.mark.django_db
def test_the_moment_given_stands_unless_a_closing_came_after_it():
    clicked = timezone.now()
    assert moment_to_record(clicked) == clicked
    closing = close()
    assert moment_to_record(clicked) >= closing.closed_at
    later = timezone.now()
    assert moment_to_record(later) == later


@pytest.mark.django_db
def test_a_clock_that_runs_behind_stamps_nothing_before_the_closing():
    close()
    ahead = timezone.now() + timedelta(seconds=30)
    Cutoff.objects.update(moment=ahead)
    assert moment_to_record() == ahead


@pytest.mark.django_db
def test_a_period_is_taken_back_after_the_closings_that_counted_it_as_sent():
    may = close_period(Period(MONTH, Month(2024, 5), Month(2024, 5)), by=make_user(), today=timezone.localdate())
    clicked = timezone.now()
    june = close()
    reopened = reopen_period(may, by=make_user(Role.MANAGER), reason="Thiếu số liệu", now=clicked)
    assert reopened.reopened_at >= june.closed_at
    assert verify_closing(june).differences == []


@pytest.mark.django_db
def test_an_appointment_is_kept_on_a_day_no_closing_has_counted_as_over():
    row = make_consultation(held_on=date(2024, 6, 3), outcome="follow_up", follow_up_on=date(2024, 6, 20))
    close()
    assert finish_follow_up(row.follow_up, by=row.officer, today=timezone.localdate() - timedelta(days=1))
    assert FollowUp.objects.get().done_on == timezone.localdate()
    assert verify_closing(Closing.objects.get()).differences == []
