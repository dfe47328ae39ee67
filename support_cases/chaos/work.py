"""The office at work while everything breaks: appointments done, cases moved, answers logged, talks recorded."""

from collections.abc import Callable
from datetime import date, timedelta

from django.db.models import Model

from cooperatives.errors import InvalidEntry, NotAllowedNow
from support_cases.chaos.world import World, open_follow_ups
from support_cases.choices import OPEN_STATUSES
from support_cases.consultations import finish_follow_up
from support_cases.models import Case, Referral, RefusedAddress
from support_cases.referrals import answer
from support_cases.workflow import steps_from, take_step


def work(world: World, day: date) -> str:
    """Do one thing of the daily work as of ``day`` and return what it was; "" when there was nothing to do."""
    act = world.rng.choice(_ACTS)
    try:
        return act.__name__.strip("_") if act(world, day) else ""
    except (InvalidEntry, NotAllowedNow):
        # As an office would see a message beside the field; nothing was written.
        return ""


def _do_appointment(world: World, day: date) -> bool:
    row = _any(world, open_follow_ups(day).select_related("officer"))
    return row is not None and finish_follow_up(row, by=row.officer, today=day)


def _move_case(world: World, day: date) -> bool:
    case = _any(world, Case.objects.filter(status__in=OPEN_STATUSES).select_related("officer"))
    steps = [step.code for step in steps_from(case) if step.target] if case else []
    if not steps:
        return False
    take_step(case, world.rng.choice(steps), by=case.officer, today=day, note="Diễn tập")
    return True


def _log_answer(world: World, day: date) -> bool:
    row = _any(world, Referral.objects.open().select_related("case", "case__officer"))
    return row is not None and answer(row, "answered", "Đồng ý.", by=row.case.officer, today=day) is not None


def _talk(world: World, day: date) -> bool:
    world.consult(day)
    return True


def _appoint(world: World, day: date) -> bool:
    world.consult(day, day + timedelta(days=world.rng.randint(0, 5)))
    return True


def _mend_address(world: World, day: date) -> bool:
    """Somebody rang the mail office: addresses that were refused work again."""
    return RefusedAddress.objects.all().delete()[0] > 0


def _any(world: World, rows) -> Model | None:
    """Return one of ``rows``, by the world's own dice."""
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    return rows.filter(pk=world.rng.choice(keys)).first() if keys else None


_ACTS: tuple[Callable[[World, date], bool], ...] = (
    _do_appointment,
    _move_case,
    _log_answer,
    _talk,
    _appoint,
    _mend_address,
)
