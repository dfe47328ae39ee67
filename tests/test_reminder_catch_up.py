"""After n days at a standstill the ledger is that of an office that never stood still, and each person got one mail."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import date
from random import Random

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, transaction
from django.test import override_settings
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from cooperatives.models import Holiday
from support_cases.reminders.delivery import deliver
from support_cases.reminders.invariants import violations
from support_cases.reminders.sweep import sweep
from tests.office import DAY, FIRST_DAY, Office, at, told_of
from tests.reminding import one_pass

pytestmark = [pytest.mark.django_db, pytest.mark.database]

DAYS = 28  # twenty working days, give or take days off
# On PostgreSQL the eventful office alone: another one would ask the database for nothing else.
PHASES = [Phase.explicit] if connection.vendor == "postgresql" else list(Phase)
FEW = settings(
    max_examples=1, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
MORNING, NOON = 8, 11
EVENTFUL = 1  # a seed with a standstill in which three people miss something


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
    one_pass(at(day, MORNING))


def missed(seed: int, letters: dict[date, Counter]) -> tuple[date, set[str]]:
    """The day the standstill ends, and who would have got mails during it."""
    with another_world():
        Office.founded(seed)
        first, last = standstill(seed)
    return last, {person for day, sent in letters.items() if first <= day < last for person in sent}


def stopped(day: date, still: bool) -> None:
    """No passes at all during the standstill; then two schedulers at once."""
    if not still:
        now = at(day, MORNING)
        for pk in sweep(now) + sweep(now):
            deliver(pk, now)


class Unreachable(EmailBackend):
    """A mail server nobody answers at."""

    def open(self):
        raise ConnectionRefusedError


def without_mail(day: date, still: bool) -> None:
    """All passes, but no mail server during the standstill."""
    with override_settings(EMAIL_BACKEND=f"{__name__}.Unreachable") if still else nullcontext():
        one_pass(at(day, MORNING))
        if still:
            one_pass(at(day, NOON))


@FEW
@given(seed=st.integers(0, 10**6))
@example(seed=EVENTFUL)
def test_a_standstill_of_days_ends_in_the_same_ledger_and_in_one_mail_to_each(seed):
    undisturbed, letters = run(seed, always)
    last, people = missed(seed, letters)
    assert seed != EVENTFUL or len(people) == 3
    for trouble in (stopped, without_mail):
        made_up_for, late_letters = run(seed, trouble)
        assert made_up_for == undisturbed, trouble.__name__
        assert {person: late_letters[last][person] for person in people} == dict.fromkeys(people, 1), trouble.__name__
