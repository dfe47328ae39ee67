"""After n days at a standstill the ledger is that of an office that never stood still, and each person got one mail."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from random import Random

import pytest
from django.core import mail
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cooperatives.models import Holiday
from support_cases.reminders.delivery import deliver
from support_cases.reminders.invariants import violations
from support_cases.reminders.sweep import sweep
from tests.office import DAY, FIRST_DAY, Office, at, told_of
from tests.reminding import one_pass

pytestmark = [pytest.mark.django_db, pytest.mark.database]

DAYS = 35  # 25 working days, give or take days off
FEW = settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@contextmanager
def another_world() -> Iterator[None]:
    """Everything the block writes is undone at its end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def standstill(seed: int) -> tuple[date, date]:
    """The first day of a standstill, and the working day on which it ends."""
    random = Random(seed)
    first = FIRST_DAY + random.randrange(5, 20) * DAY
    calendar = Holiday.objects.work_calendar()
    return first, calendar.next_working_day(first + random.randrange(1, 9) * DAY)


def run(seed: int, morning: Callable[[date, bool], None]) -> tuple[set[tuple], dict[date, Counter]]:
    """Run an office for 25 working days; the ledger at the end, and the mails of each day by recipient.

    ``morning`` does the passes of one day and is told whether that is one of the standstill. Nobody acts
    during the standstill nor on the day it ends.
    """
    with another_world():
        office = Office.founded(seed)
        first, last = standstill(seed)
        letters = {}
        for n in range(DAYS):
            day = FIRST_DAY + n * DAY
            mail.outbox.clear()
            morning(day, first <= day < last)
            if office_is_open(day) and not first <= day <= last:
                office.work(day)
                one_pass(at(day, 15))
            letters[day] = Counter(sent.to[0] for sent in mail.outbox)
        assert list(violations(at(day, 18))) == []
        return told_of(), letters


def office_is_open(day: date) -> bool:
    return Holiday.objects.work_calendar().is_working_day(day)


def always(day: date, _still: bool) -> None:
    """The passes of a day without trouble."""
    one_pass(at(day, 8))


def missed(seed: int, letters: dict[date, Counter]) -> tuple[date, set[str]]:
    """The day the standstill ends, and who would have got mails during it."""
    with another_world():
        Office.founded(seed)
        first, last = standstill(seed)
    return last, {person for day, sent in letters.items() if first <= day < last for person in sent}


@FEW
@given(seed=st.integers(0, 10**6))
def test_two_schedulers_after_days_at_a_standstill_make_up_for_it_in_one_mail_each(seed):
    undisturbed, letters = run(seed, always)

    def stopped(day: date, still: bool) -> None:
        if not still:
            now = at(day, 8)
            for pk in sweep(now) + sweep(now):
                deliver(pk, now)

    made_up_for, late_letters = run(seed, stopped)
    assert made_up_for == undisturbed
    last, people = missed(seed, letters)
    assert {person: late_letters[last][person] for person in people} == dict.fromkeys(people, 1)


@FEW
@given(seed=st.integers(0, 10**6))
def test_a_mail_server_that_was_down_for_days_is_made_up_for_in_one_mail_each(seed):
    undisturbed, letters = run(seed, always)

    def refuse():
        raise ConnectionRefusedError

    def unreachable(day: date, still: bool) -> None:
        with pytest.MonkeyPatch.context() as patch:
            if still:
                patch.setattr(mail.backends.locmem.EmailBackend, "open", lambda _self: refuse())
            one_pass(at(day, 8))
            if still:
                one_pass(at(day, 11))

    made_up_for, late_letters = run(seed, unreachable)
    assert made_up_for == undisturbed
    last, people = missed(seed, letters)
    assert {person: late_letters[last][person] for person in people} == dict.fromkeys(people, 1)
