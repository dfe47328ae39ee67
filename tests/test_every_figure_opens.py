"""Every figure of every report opens into as many rows as it says, or rows that add up to it, whatever came after."""

import random
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.cache import cache
from django.core.management import call_command
from django.db import transaction
from django.db.models import F

from cooperatives.models import Cooperative, Disbursement, Loan, OcopProduct, OcopRating, Term
from cooperatives.register import enter_cooperative
from support_cases.cases import change_case
from support_cases.choices import Occasion, ReminderChannel, ReminderState
from support_cases.closing_checks import verify_closing
from support_cases.closings import close_period
from support_cases.corrections import void_consultation
from support_cases.models import Case, Closing, Consultation, KeptLists, Reminder
from support_cases.reports.answers import Answer, answer
from support_cases.reports.periods import MONTH, Period
from support_cases.reports.registry import REPORTS
from tests.factories import make_case, make_consultation, make_user
from tests.opening import wrong_figures

pytestmark = pytest.mark.django_db

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
SEED = 11
FIRST, CLOSED_AT = datetime(2024, 5, 3, 9, tzinfo=HERE), datetime(2024, 6, 4, 9, tzinfo=HERE)
NOW = datetime(2024, 8, 20, 10, tzinfo=HERE)
APRIL, MAY, HALF = (Period.parse(name, MONTH) for name in ("2024-04", "2024-05", "2024-H1"))
#: What is asked: a closed period in one frame, and one nobody closed, as known on the day of the closing, in the other.
ASKED = ((MAY, None, "2022"), (HALF, CLOSED_AT.date(), "2025"))


@pytest.fixture(scope="module")
def office(django_db_setup, django_db_blocker) -> Iterator[list[Closing]]:
    """Two closed months and all that happened since: names, places, entries, cases, loans, stars and terms changed."""
    with django_db_blocker.unblock(), transaction.atomic():
        cache.clear()
        with time_machine.travel(CLOSED_AT, tick=False):
            call_command("load_reference", stdout=StringIO())
            call_command("seed_scale", cooperatives=14, consultations=200, seed=SEED, stdout=StringIO())
            results(random.Random(SEED))
            work(Cooperative.objects.order_by("pk")[:6])
            leader = make_user("manager")
            closed = [close_period(APRIL, by=leader, today=FIRST.date(), now=FIRST)]
            late = Cooperative.objects.order_by("pk")[1]
            make_consultation(late, by=leader, held_on=date(2024, 4, 20), today=CLOSED_AT.date())
            closed.append(close_period(MAY, by=leader, today=CLOSED_AT.date(), now=CLOSED_AT + timedelta(hours=1)))
        with time_machine.travel(NOW, tick=False):
            change_everything(random.Random(SEED))
            yield closed
        transaction.set_rollback(True)
        cache.clear()


def results(dice: random.Random) -> None:
    """Loans, stars and terms of every cooperative, most of them this spring."""
    for party in Cooperative.objects.order_by("pk"):
        began = date(2024, 3, 1) + timedelta(days=dice.randrange(85))
        asked = dice.randrange(50, 900) * 1_000_000
        loan = Loan.objects.create(
            cooperative=party, lender=dice.choice(["vbsp", "agribank"]), requested=asked, submitted_on=began,
            approved=asked - 1_000_000, result="approved", disbursed=asked // 3,
        )  # fmt: skip
        Disbursement.objects.create(loan=loan, paid_on=began + timedelta(days=10), amount=asked // 3)
        product = OcopProduct.objects.create(cooperative=party, name="Chè", group="beverage", first_year=2022)
        OcopRating.objects.create(
            product=product, criteria_version="2023", level="province", score=85, stars=dice.choice([3, 4]),
            decided_on=began, valid_until=began + timedelta(days=60),
        )  # fmt: skip
        Term.objects.get_or_create(
            cooperative=party, started_on=began, defaults={"ends_on": began + timedelta(days=dice.randrange(40, 900))}
        )


def work(parties: Iterable[Cooperative]) -> None:
    """Cases that lie open past their day, each with reminders of this month."""
    officer = make_user("staff")
    for number, party in enumerate(parties):
        case = make_case(party, by=officer, today=date(2024, 4, 10), due_on=date(2024, 4, 20 + number))
        for day in (2, 9, 16):
            Reminder.objects.create(
                rule=Occasion.values[number], subject=f"case/{case.pk}", anchor_on=date(2024, 5, day), case=case,
                occurrence_on=date(2024, 5, day), recipient=officer, channel=ReminderChannel.values[number % 2],
                state=ReminderState.values[day % 5], run_at=datetime(2024, 5, day, 8, tzinfo=HERE),
            )  # fmt: skip


def change_everything(dice: random.Random) -> None:
    """What people do in the months after: all of it through the acts that do it, the register's rows by hand."""
    officer, other = make_user("staff"), make_user("staff")
    parties = list(Cooperative.objects.filter(registered_on__lt=date(2024, 1, 1)).order_by("pk"))
    for number, party in enumerate(parties[:8]):
        party.name, party.kind = f"Hợp tác xã Tên Mới {number}", "tht"
        party.tax_code = None
        enter_cooperative(party, today=NOW.date(), commune_code="02146" if number % 2 else None)
    for entry in Consultation.objects.filter(held_on__range=(HALF.start, HALF.end)).order_by("pk")[::3]:
        void_consultation(entry, by=officer, reason="Ghi nhầm", now=NOW)
    for party in parties[3:7]:
        make_consultation(party, by=officer, held_on=date(2024, 5, 16), today=NOW.date())
    for case in Case.objects.filter(closed_on__isnull=True)[:10]:
        change_case(case, {"officer": other}, by=officer, today=NOW.date())
    every_other = Loan.objects.filter(pk__in=[loan.pk for loan in Loan.objects.order_by("pk")[::2]])
    every_other.update(requested=F("requested") + 7, lender="other", submitted_on=date(2024, 1, 2))
    Reminder.objects.filter(pk__in=list(Reminder.objects.values_list("pk", flat=True)[:4])).update(state="failed")
    Reminder.objects.order_by("-pk")[0].delete()
    gone = Loan.objects.order_by("pk")[1]
    gone.disbursements.all().delete()
    gone.delete()
    OcopRating.objects.filter(pk__in=list(OcopRating.objects.order_by("pk").values_list("pk", flat=True)[:9])).delete()
    Term.objects.filter(pk__in=list(Term.objects.order_by("pk").values_list("pk", flat=True)[:9])).delete()
    Disbursement.objects.filter(pk__in=list(Disbursement.objects.values_list("pk", flat=True)[:9])).delete()


def asked(code: str, period: Period, frame: str, as_of: date | None) -> Answer:
    """One report as it reads after all that."""
    return answer(REPORTS[code], period, frame=frame, today=NOW.date(), as_of=as_of)


@pytest.mark.parametrize("code", REPORTS)
@pytest.mark.parametrize("period, as_of, frame", ASKED, ids=["closed", "past"])
def test_every_figure_is_as_many_as_it_opens_into(office, code, period, as_of, frame):
    assert wrong_figures(asked(code, period, frame, as_of), as_of=as_of) == []


def test_enough_figures_of_every_report_open_to_put_that_to_the_test(office):
    opening = {
        code: sum(
            cell.behind is not None
            for table in asked(code, HALF, "2022", None).tables + asked(code, MAY, "2022", None).tables
            for row in table.rows
            for cell in row.cells
        )
        for code in REPORTS
    }
    assert {code: n for code, n in opening.items() if n < 4} == {}


def test_what_changed_would_be_seen_in_lists_that_are_not_kept(office):
    KeptLists.objects.filter(closing=office[1]).delete()
    for code in ("outcomes", "summary", "sending"):
        assert wrong_figures(asked(code, MAY, "2022", None), as_of=None) != []


def test_the_check_of_a_closing_finds_nothing(office):
    assert [verify_closing(one).differences for one in Closing.objects.all()] == [[], []]
