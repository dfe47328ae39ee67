"""The demo set: invented cooperatives and four years of work with them, through the same acts as real work."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import IntegrityError, transaction
from django.utils import timezone

from cooperatives.models import Cooperative
from htx_portal.accounts.models import User
from support_cases.demo.accounts import DemoRefused, make_accounts
from support_cases.demo.closings import close_periods
from support_cases.demo.files import DemoFiles
from support_cases.demo.moments import tell_when_written
from support_cases.demo.referrals import send_referrals
from support_cases.demo.register import enter_register
from support_cases.demo.work import entry_id, log_entries, open_cases
from support_cases.demo.yearly import enter_year_figures
from support_cases.models import Consultation

#: Before this day some of the set's dates that hang on "today" would lie before those they must follow.
FIRST_TODAY = date(2026, 1, 14)

__all__ = ["FIRST_TODAY", "DemoRefused", "Loaded", "demo_is_loaded", "load_demo"]


@dataclass(frozen=True)
class Loaded:
    """What a first run made, in rows; all zero when the set was there already."""

    cooperatives: int = 0
    founding_groups: int = 0
    cases: int = 0
    consultations: int = 0


def demo_is_loaded(folder: Path) -> bool:
    """Whether any entry of the set is in the database, whatever people changed in its rows since."""
    ids = [entry_id(row) for row in DemoFiles(folder, timezone.localdate()).rows("consultations")]
    return Consultation.objects.filter(client_id__in=ids).exists()


def load_demo(folder: Path, *, today: date) -> Loaded:
    """Load the whole set in one transaction, once; the files' relative dates are counted from ``today``.

    A second run, also one at the same moment, adds and changes nothing. The reference rows must be there.

    Raises:
        DemoRefused: when a real account bears the name of a demo account.
        BadDataFile: with file and line, when a row is refused.
    """
    if demo_is_loaded(folder):
        return Loaded()
    try:
        with transaction.atomic():
            return _load(folder, today)
    except IntegrityError:
        # Another run made the accounts first and has finished by now; anything else is a real error.
        if demo_is_loaded(folder):
            return Loaded()
        raise


def _load(folder: Path, today: date) -> Loaded:
    """Load everything; runs in the transaction of the caller."""
    people = make_accounts()
    # Whoever holds these rows loads; another run waits here and then finds the set loaded.
    list(User.objects.select_for_update().filter(pk__in=[person.pk for person in people.values()]))
    if demo_is_loaded(folder):
        return Loaded()
    files = DemoFiles(folder, today)
    register = enter_register(files, people)
    cases = open_cases(files, register.parties, people)
    send_referrals(files, cases)
    enter_year_figures(files, register.parties, people)
    tell_when_written(Cooperative.objects.filter(is_demo=True))
    entries = log_entries(files, register.parties, people, cases)
    close_periods(files, people["lanhdao"])
    return Loaded(
        cooperatives=register.cooperatives,
        founding_groups=register.founding_groups,
        cases=len(cases),
        consultations=entries,
    )
