"""The months of a placement line by line, as its page and the API show them."""

from dataclasses import dataclass
from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from cooperatives.models import MonthlyConfirmation, PaymentItem, Placement
from cooperatives.workforce.months import Tally, last_day
from cooperatives.workforce.rules import SupportRules
from cooperatives.workforce.support import Support, support_as_paid, support_for_month


class MonthState(models.TextChoices):
    """Where one month of supported work stands."""

    TO_COME = "to_come", _("Chưa hết tháng")
    MISSING = "missing", _("Thiếu xác nhận")
    CONFIRMED = "confirmed", _("Đã xác nhận, chưa chi")
    PAID = "paid", _("Đã chi trả")
    IDLE = "idle", _("Không làm việc")
    BEYOND = "beyond", _("Quá số tháng hỗ trợ")


@dataclass(frozen=True)
class MonthLine:
    """One month of a contract: its place among the counted months, and what is recorded about it.

    ``support`` is what the rules give, with its inputs; of a paid month what was paid, with the inputs of then.
    """

    number: int
    month: date
    state: MonthState
    confirmation: MonthlyConfirmation | None
    payment: PaymentItem | None
    support: Support

    @property
    def amount(self) -> int | None:
        """The amount paid, or the one that would be paid; in đồng."""
        return self.payment.amount if self.payment else self.support.amount

    @property
    def may_be_confirmed(self) -> bool:
        """Whether the month may be confirmed, or its confirmation corrected."""
        return self.state in (MonthState.MISSING, MonthState.CONFIRMED, MonthState.IDLE, MonthState.BEYOND)


def month_lines(placement: Placement, tally: Tally, rules: SupportRules, today: date) -> list[MonthLine]:
    """Return the counted months of a placement in order; ``placement`` comes with its cooperative and decision."""
    return [_line(placement, tally, rules, today, place) for place in range(len(tally.months))]


def _line(placement: Placement, tally: Tally, rules: SupportRules, today: date, place: int) -> MonthLine:
    month = tally.months[place]
    paid = tally.payments.get(month)
    return MonthLine(
        number=place + 1,
        month=month,
        state=_state(tally, month, today),
        confirmation=tally.confirmations.get(month),
        payment=paid,
        support=support_as_paid(paid) if paid else support_for_month(placement, month, rules),
    )


def _state(tally: Tally, month: date, today: date) -> MonthState:
    if month in tally.payments:
        return MonthState.PAID
    if last_day(month) >= today:
        return MonthState.TO_COME
    if month in tally.idle:
        return MonthState.IDLE
    if month not in tally.supported:
        return MonthState.BEYOND
    return MonthState.CONFIRMED if month in tally.confirmations else MonthState.MISSING
