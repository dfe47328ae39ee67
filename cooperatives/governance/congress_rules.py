"""What makes a general meeting valid: quorums, calls, notice, delegates, majorities, terms. Pure functions.

Numbers come from the rules in force on the day of the meeting (Law 23/2012/QH13 to 30/06/2024, Law 17/2023/QH15
since); a number the rules do not hold makes the answer None, never a guess.
"""

from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

from cooperatives.calendar import add_months
from cooperatives.governance.lawbook import Deadline, Lawbook

LAST_CALL = 3
_BAND = "congress.delegates_pct_to_"
#: Terms up to which a call may follow the one before, by the number of the later call.
_CALL_RULES = {2: "congress.second_call_days", 3: "congress.third_call_days"}


class Quorum(NamedTuple):
    """How many must attend, and whether they did; None where a figure is not known."""

    needed: int | None
    met: bool | None


def share_of(people: int, percent: int) -> int:
    """Return the least number of people that is at least ``percent`` of ``people``."""
    return -(-people * percent // 100)


def quorum(percent: int | None, members: int | None, present: int | None, delegates: int | None = None) -> Quorum:
    """Return the quorum of a call that asks for ``percent`` of the delegates invited, or of the official members.

    A third call asks for 0 percent: any number, though a meeting of nobody is no meeting.
    """
    people = delegates or members
    if percent is None or (people is None and percent):
        return Quorum(None, None)
    needed = max(1, share_of(people or 0, percent))
    return Quorum(needed, None if present is None else present >= needed)


def quorum_percent(book: Lawbook, call_no: int, day: date) -> int | None:
    """Return the share of people call ``call_no`` asks for on ``day``, in percent."""
    return book.number(f"congress.quorum_pct_call_{call_no}", day)


def delegates_needed(book: Lawbook, members: int, day: date) -> int | None:
    """Return how many delegates at least represent ``members`` official members; None where the rules say nothing.

    Bands by size: at least 50 % up to 100 members, 30 % up to 300, 20 % up to 1000, 200 delegates beyond.
    """
    bands = sorted(int(key.removeprefix(_BAND)) for key in book.rules if key.startswith(_BAND) and key[-1].isdigit())
    for most in bands:
        percent = book.number(f"{_BAND}{most}", day)
        if members <= most and percent is not None:
            return share_of(members, percent)
    return book.number("congress.delegates_min_beyond", day)


def may_send_delegates(book: Lawbook, members: int, day: date) -> bool | None:
    """Return whether a cooperative of this size may meet by delegates; None where the rules say nothing."""
    least = book.number("congress.delegates_from_members", day)
    return None if least is None else members >= least


def last_notice_day(book: Lawbook, meeting: date) -> date | None:
    """Return the last day on which the notice of a meeting may go out."""
    days = book.number("congress.notice_days", meeting)
    return None if days is None else meeting - timedelta(days=days)


def next_call_by(book: Lawbook, call_no: int, failed_on: date) -> Deadline | None:
    """Return by when the call after call ``call_no``, which failed on ``failed_on``, must be held; None if open."""
    days = book.number(_CALL_RULES.get(call_no + 1, ""), failed_on)
    return None if days is None else book.after_days(failed_on, days)


def extraordinary_by(book: Lawbook, asked_on: date) -> Deadline | None:
    """Return by when an extraordinary meeting asked for on ``asked_on`` must be convened."""
    days = book.number("congress.extraordinary_days", asked_on)
    return None if days is None else book.after_days(asked_on, days)


def year_end(month: int, year: int) -> date:
    """Return the last day of the financial year that ends in this month of this year."""
    return date(year, month, monthrange(year, month)[1])


def last_year_end(month: int, day: date) -> date:
    """Return the last day of the latest financial year that has ended by ``day``."""
    this_year = year_end(month, day.year)
    return this_year if this_year <= day else year_end(month, day.year - 1)


def annual_deadline(book: Lawbook, ended_on: date) -> Deadline | None:
    """Return by when the members meet after the financial year that ended on ``ended_on``, by the law of that day."""
    months = book.number("congress.annual_months", ended_on)
    return None if months is None else book.after_months(ended_on, months)


def votes_needed(book: Lawbook, present: int, day: date, *, special: bool) -> int | None:
    """Return how many votes of those present carry a decision; special ones (charter, model, end) need more.

    An ordinary decision needs more than its share, a special one at least its share.
    """
    percent = book.number("congress.special_majority_pct" if special else "congress.majority_pct", day)
    if percent is None:
        return None
    return share_of(present, percent) if special else present * percent // 100 + 1


def term_last_day(started_on: date, years: int) -> date:
    """Return the last day of a term of ``years``: the day before it began, so many years on.

    A term begun on 29/02 ends on 28/02 of a year without one.
    """
    anniversary = add_months(started_on, 12 * years)
    return anniversary if anniversary.day != started_on.day else anniversary - timedelta(days=1)
