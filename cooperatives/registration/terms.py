"""Days that follow from the catalogue of procedures: by when to file, when the result is due."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from cooperatives.calendar import WorkCalendar
from cooperatives.models import LegalRule, RegistrationProcedure
from cooperatives.models.procedures import Side, TermUnit


def filing_day(
    procedure: RegistrationProcedure,
    event: date,
    law_day: date,
    calendar: WorkCalendar,
    term_of: Callable | None = None,
) -> date | None:
    """Return the last day on which the papers may be filed for what happens on ``event``; None without a deadline.

    A term after the event ends on the next working day where it would end on a day off. A term before it leaves as
    many whole days between.
    """
    term = procedure.deadline(law_day, term_of)
    if term is None:
        return None
    if procedure.deadline_side == Side.AFTER:
        return calendar.end_of(event, term.amount, term.unit)
    if term.unit == TermUnit.WORKING_DAY:
        return calendar.shift(event, -term.amount)
    return date.fromordinal(event.toordinal() - term.amount)


def appointment_day(procedure: RegistrationProcedure, filed_on: date, calendar: WorkCalendar) -> date | None:
    """Return the day on which the registrar's answer to papers filed on ``filed_on`` is due; None where unsaid."""
    term = procedure.processing(filed_on)
    return calendar.end_of(filed_on, term.amount, term.unit) if term else None


@dataclass(frozen=True)
class CapitalTerms:
    """The last days to pay in the capital of a new cooperative and, where it is short, to register it again."""

    pay_by: date
    reregister_by: date | None


def capital_terms(issued_on: date, calendar: WorkCalendar) -> CapitalTerms | None:
    """Return the terms that begin with a certificate of ``issued_on``; None where the law of that day has none.

    Law 17/2023/QH15, Article 74: the second term begins where the first one ends.
    """
    pay_in = LegalRule.objects.term("capital.pay_in_months", issued_on)
    if pay_in is None:
        return None
    pay_by = calendar.end_of(issued_on, pay_in.amount, pay_in.unit)
    again = LegalRule.objects.term("capital.reregister_days", issued_on)
    return CapitalTerms(pay_by, calendar.end_of(pay_by, again.amount, again.unit) if again else None)
