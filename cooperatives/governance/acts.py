"""Acts on the register: a general meeting is noted, a term begins, the yearly update was sent."""

from collections.abc import Mapping
from datetime import date
from itertools import zip_longest
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import CharterReview, TermBody
from cooperatives.errors import WHOLE, InvalidEntry
from cooperatives.governance.congress_rules import term_last_day
from cooperatives.models import AnnualUpdate, Congress, Cooperative, LegalRule, Term, raise_register_version
from cooperatives.text import nfc, nfc_lines

#: No meeting and no term of the register is older.
EARLIEST = date(1945, 9, 2)
#: The first year whose update is asked for (Circular 09/2024/TT-BKHĐT).
FIRST_UPDATE = 2024
#: The rule in force since a charter must agree with Law 17/2023/QH15 (Article 115).
CHARTER_RULE = "charter.review_deadline"
_DATES_PROBLEM = _("Ngày này quá xa, xin kiểm tra năm.")


def record_congress(
    cooperative: Cooperative, figures: Mapping[str, Any], *, today: date, congress: Congress | None = None
) -> Congress:
    """Note a general meeting that was held and return its row; ``figures`` are columns of :class:`Congress`.

    ``congress`` is the row noted before, which is then corrected. A meeting of the same kind on the same day that
    is in the register already is that row: noted twice, it is there once.

    Raises:
        InvalidEntry: with messages by column; nothing is written.
    """
    with transaction.atomic():
        _hold(cooperative)
        row = _meeting(cooperative, figures, congress)
        for name, value in figures.items():
            setattr(row, name, value)
        row.decisions, row.resolution_no = nfc_lines(row.decisions or ""), nfc(row.resolution_no or "")
        _check(row, _day_problems("held_on", row.held_on, today))
        row.save()
        if congress is not None and congress.pk != row.pk:
            congress.terms.update(elected_by=row)
            congress.delete()
    return row


def begin_term(
    cooperative: Cooperative,
    started_on: date,
    years: int,
    chair: str = "",
    *,
    body: str = TermBody.BOARD,
    elected_by: Congress | None = None,
    term: Term | None = None,
) -> Term:
    """Begin a term of ``years`` on ``started_on`` and return it; the one before ends the day before.

    ``term`` is the row begun before, which is then corrected; a term of the body that begins the same day is that
    row, so a term begun twice is there once. Whether ``years`` is more than the law allows is not asked here.

    Raises:
        InvalidEntry: with messages by column; nothing is written.
    """
    with transaction.atomic():
        _hold(cooperative)
        there = Term.objects.filter(cooperative=cooperative, body=body, started_on=started_on).first()
        row = there or term or Term(cooperative=cooperative, body=body)
        row.body, row.started_on, row.years, row.elected_by = body, started_on, years, elected_by
        row.chair = nfc(chair) or row.chair
        _check(row, _term_problems(row, started_on, years))
        row.ends_on = term_last_day(started_on, years)
        row.save()
        if term is not None and term.pk != row.pk:
            term.delete()
        settle_terms(cooperative, body)
    row.refresh_from_db()
    return row


def withdraw_term(term: Term) -> None:
    """Take back a term that was not begun after all; the one before it reaches to its own end again."""
    with transaction.atomic():
        _hold(term.cooperative)
        term.delete()
        settle_terms(term.cooperative, term.body)


def settle_terms(cooperative: Cooperative, body: str) -> None:
    """Let each term of a body end early where the next one began before its time, and only there."""
    terms = list(Term.objects.filter(cooperative=cooperative, body=body).order_by("started_on"))
    for term, following in zip_longest(terms, terms[1:]):
        cut = following is not None and following.started_on <= term.ends_on
        term.ended_on = following.started_on - date.resolution if following is not None and cut else None
    Term.objects.bulk_update(terms, ["ended_on"])


def amend_charter(cooperative: Cooperative, amended_on: date) -> None:
    """Note that the members amended the charter on ``amended_on``; an older amendment is not noted over a later one.

    Since Law 17/2023/QH15 asks for it, an amended charter counts as brought in line with that law.
    """
    with transaction.atomic():
        row = _hold(cooperative)
        if row.charter_amended_on is None or row.charter_amended_on < amended_on:
            row.charter_amended_on = amended_on
        if LegalRule.objects.value(CHARTER_RULE, amended_on) is not None:
            row.charter_review = CharterReview.AMENDED
        row.save(update_fields=["charter_amended_on", "charter_review", "updated_at"])
        raise_register_version()
    cooperative.charter_amended_on, cooperative.charter_review = row.charter_amended_on, row.charter_review


def file_annual_update(cooperative: Cooperative, year: int, filed_on: date, *, by, today: date) -> AnnualUpdate:
    """Note that the information of ``year`` was sent on ``filed_on`` and return the row; a second note corrects it.

    Raises:
        InvalidEntry: with messages by column; nothing is written.
    """
    problems = _day_problems("filed_on", filed_on, today)
    if not FIRST_UPDATE <= year <= today.year + 1:
        problems["year"] = [_("Chưa có hoặc không có kỳ cập nhật của năm này.")]
    elif not problems and filed_on < date(year - 1, 12, 15):
        problems["filed_on"] = [_("Ngày gửi không thể trước kỳ số liệu của năm đó.")]
    if problems:
        raise InvalidEntry(problems)
    row, _new = AnnualUpdate.objects.update_or_create(
        cooperative=cooperative, year=year, defaults={"filed_on": filed_on, "recorded_by": by}
    )
    return row


def take_back_annual_update(cooperative: Cooperative, year: int) -> None:
    """Take back the note that the information of ``year`` was sent; without one nothing happens."""
    cooperative.annual_updates.filter(year=year).delete()


def _hold(cooperative: Cooperative) -> Cooperative:
    """Lock the cooperative's row to the end of the transaction, so that two people write one after the other."""
    return Cooperative.objects.select_for_update().get(pk=cooperative.pk)


def _meeting(cooperative: Cooperative, figures: Mapping[str, Any], congress: Congress | None) -> Congress:
    """Return the row of the meeting: the one of that day and kind, else the one noted before, else a new one."""
    same = Congress.objects.filter(cooperative=cooperative, held_on=figures["held_on"], kind=figures["kind"])
    return same.first() or congress or Congress(cooperative=cooperative)


def _day_problems(name: str, day: date, today: date) -> dict[str, list]:
    if day > today:
        return {name: [_("Ngày này không thể ở tương lai.")]}
    return {name: [_DATES_PROBLEM]} if day < EARLIEST else {}


def _term_problems(row: Term, started_on: date, years: int) -> dict[str, list]:
    """Return what cannot be right in a term, by column."""
    problems: dict[str, list] = {}
    if not EARLIEST <= started_on <= date(2200, 1, 1):
        problems["started_on"] = [_DATES_PROBLEM]
    if not 1 <= years <= 20:
        problems["years"] = [_("Số năm của nhiệm kỳ phải từ 1 đến 20.")]
    return problems


def _check(row, problems: dict[str, list]) -> None:
    """Raise ``InvalidEntry`` with ``problems`` and what the columns themselves refuse."""
    try:
        row.clean_fields(exclude=[*problems, "ends_on"])
    except ValidationError as refusal:
        for name, messages in refusal.message_dict.items():
            problems.setdefault(WHOLE if name == NON_FIELD_ERRORS else name, []).extend(messages)
    if problems:
        raise InvalidEntry(problems)
