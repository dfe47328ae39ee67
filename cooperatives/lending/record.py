"""Recording loans and what was paid out of them: the only acts that write either, each under the row lock."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import WHOLE, InvalidEntry, NotAllowedNow
from cooperatives.models import Cooperative, Disbursement, FurtherRefusal, Loan, moment_to_record
from cooperatives.register import EARLIEST
from cooperatives.text import nfc
from htx_portal.templatetags.portal import vnd

_WORDS = ("purpose", "programme_note", "rate_note", "follow_up")
Problems = dict[str, list]


class Payment(NamedTuple):
    """One payment as somebody wrote it down: a day and an amount in đồng."""

    paid_on: date
    amount: int


def record_loan(
    loan: Loan,
    *,
    further: Iterable[str] = (),
    payments: Sequence[Payment] | None = None,
    source: str = "",
    by,
    today: date,
) -> Loan:
    """Check and save a new or changed loan with its further reasons and payments, in one transaction.

    ``loan`` is unsaved or loaded, with the new values set. ``payments`` are all the payments that ``source`` (the
    reference of a case) knows of: missing ones are added, ones it named before and no longer does are voided, an
    equal one recorded by hand is taken over instead of doubled, all others stay. None leaves payments alone. Safe to
    repeat: the same call again changes nothing.

    Raises:
        InvalidEntry: with messages by field; nothing is written.
        NotAllowedNow: when more would have been paid out than was approved.
    """
    for name in _WORDS:
        setattr(loan, name, nfc(getattr(loan, name) or ""))
    reasons = [reason for reason in dict.fromkeys(further) if reason]
    with transaction.atomic():
        moment = moment_to_record()
        # Two records of the same request, or of one loan, wait for each other here.
        Cooperative.objects.select_for_update().order_by().get(pk=loan.cooperative_id)
        loan.disbursed = _locked(loan).disbursed if loan.pk else 0
        gone, fresh, taken = _payments_to_write(loan, payments, source)
        loan.disbursed += sum(payment.amount for payment in fresh) - sum(row.amount for row in gone)
        _refuse(loan, reasons, [*(payments or ())], today)
        loan.save()
        _write_payments(loan, gone, fresh, taken, source=source, by=by, now=moment)
        _write_reasons(loan, reasons)
    return loan


def add_disbursement(
    loan: Loan, *, paid_on: date, amount: int, by, today: date, note: str = "", seen: int | None = None
) -> Disbursement:
    """Record that ``amount`` đồng of the loan were paid out on ``paid_on`` and return the row.

    ``seen`` is the sum paid out so far as the sender saw it: a form sent twice, or one overtaken by somebody else,
    is told so.

    Raises:
        InvalidEntry: with messages by field; nothing is written.
        NotAllowedNow: for a loan that was not granted, or when ``seen`` is no longer true.
    """
    with transaction.atomic():
        moment = moment_to_record()
        locked = _locked(loan)
        if seen is not None and seen != locked.disbursed:
            raise NotAllowedNow([_("Khoản vay vừa có người ghi giải ngân. Xem lại số đã ghi rồi ghi tiếp.")])
        if not locked.is_granted:
            raise NotAllowedNow([_("Khoản vay chưa được duyệt nên chưa ghi giải ngân được.")])
        problems = _payment_problems(locked, Payment(paid_on, amount), today)
        if "amount" not in problems and amount > locked.rest:
            problems["amount"] = [_("Chỉ còn %(rest)s chưa giải ngân.") % {"rest": vnd(locked.rest)}]
        row = Disbursement(
            loan=locked, paid_on=paid_on, amount=amount, note=nfc(note or ""), recorded_by=by, recorded_at=moment
        )
        problems |= {name: said for name, said in _field_problems(row).items() if name not in problems}
        if problems:
            raise InvalidEntry(problems)
        row.save()
        locked.disbursed += amount
        locked.save(update_fields=["disbursed"])
    return row


def void_disbursement(row: Disbursement, reason: str, *, by) -> Disbursement:
    """Take a payment that was recorded wrongly out of the sum, for a reason, and return it; the row stays.

    One that is void already is returned as it is.

    Raises:
        InvalidEntry: without a reason, or with one that is too long.
    """
    reason = nfc(reason or "")
    most = Disbursement._meta.get_field("void_reason").max_length or 0
    if not 0 < len(reason) <= most:
        raise InvalidEntry({"reason": [_("Cần ghi lý do, không quá %(most)s chữ.") % {"most": most}]})
    with transaction.atomic():
        moment = moment_to_record()
        loan = _locked(row.loan)
        locked = Disbursement.objects.get(pk=row.pk)
        if locked.voided_at is None:
            _void([locked], reason, by, moment)
            loan.disbursed -= locked.amount
            loan.save(update_fields=["disbursed"])
    return locked


def _locked(loan: Loan) -> Loan:
    """Return the loan read again under its row lock: whoever changes the sum paid out waits here."""
    return Loan.objects.select_for_update(of=("self",)).get(pk=loan.pk)


def _payments_to_write(
    loan: Loan, payments: Sequence[Payment] | None, source: str
) -> tuple[list[Disbursement], list[Payment], list[Disbursement]]:
    """Return which rows of ``source`` are to be voided, which payments to be added, which rows it takes over."""
    if payments is None:
        return [], [], []
    wanted = Counter(payments)
    rows = list(loan.disbursements.standing()) if loan.pk else []
    own = [row for row in rows if row.source == source]
    gone = [row for row in own if not _taken_from(wanted, row)]
    taken = [row for row in rows if source and not row.source and _taken_from(wanted, row)]
    return gone, list(wanted.elements()), taken


def _taken_from(wanted: Counter, row: Disbursement) -> bool:
    """Whether ``row`` is one of the payments still wanted; it is then wanted once less."""
    payment = Payment(row.paid_on, row.amount)
    if wanted[payment] < 1:
        return False
    wanted[payment] -= 1
    return True


def _write_payments(loan: Loan, gone, fresh, taken, *, source: str, by, now: datetime) -> None:
    _void(gone, _("Không còn trong hồ sơ %(source)s.") % {"source": source}, by, now)
    Disbursement.objects.filter(pk__in=[row.pk for row in taken]).update(source=source)
    Disbursement.objects.bulk_create(
        Disbursement(loan=loan, source=source, recorded_by=by, recorded_at=now, **payment._asdict())
        for payment in fresh
    )


def _void(rows: Sequence[Disbursement], reason, by, now: datetime) -> None:
    for row in rows:
        row.voided_at, row.voided_by, row.void_reason = now, by, str(reason)
        row.save(update_fields=["voided_at", "voided_by", "void_reason"])


def _write_reasons(loan: Loan, reasons: Sequence[str]) -> None:
    """Make the further reasons of a loan these."""
    loan.further_refusals.exclude(reason__in=reasons).delete()
    there = set(loan.further_refusals.values_list("reason", flat=True))
    FurtherRefusal.objects.bulk_create(
        FurtherRefusal(loan=loan, reason=reason) for reason in reasons if reason not in there
    )


def _refuse(loan: Loan, reasons: Sequence[str], payments: Sequence[Payment], today: date) -> None:
    """Raise what speaks against the loan as it is about to be written."""
    problems = _day_problems(loan, today)
    for payment in payments:
        problems |= _payment_problems(loan, payment, today)
    if reasons and not loan.refusal_reason:
        problems["refusal_reason"] = [_("Chọn lý do chính trước khi chọn lý do khác.")]
    elif loan.refusal_reason in reasons:
        problems["refusal_reason"] = [_("Lý do chính không ghi lại trong các lý do khác.")]
    paid_out = loan.disbursed > loan.approved
    problems |= {name: said for name, said in _field_problems(loan, skip=paid_out).items() if name not in problems}
    if problems:
        raise InvalidEntry(problems)
    if paid_out:
        amounts = {"paid": vnd(loan.disbursed), "approved": vnd(loan.approved)}
        raise NotAllowedNow([_("Tổng giải ngân %(paid)s lớn hơn số được duyệt %(approved)s.") % amounts])


def _day_problems(loan: Loan, today: date) -> Problems:
    problems: Problems = {}
    for name in ("submitted_on", "decided_on"):
        day = getattr(loan, name)
        if day and day > today:
            problems[name] = [_("Ngày này không thể ở tương lai.")]
        elif day and day < EARLIEST:
            problems[name] = [_("Ngày này quá xa trong quá khứ, xin kiểm tra năm.")]
    return problems


def _payment_problems(loan: Loan, payment: Payment, today: date) -> Problems:
    problems: Problems = {}
    if payment.amount is None or payment.amount <= 0:
        problems["amount"] = [_("Số tiền giải ngân phải lớn hơn 0.")]
    earliest = loan.decided_on or loan.submitted_on
    if payment.paid_on > today:
        problems["paid_on"] = [_("Ngày giải ngân không thể ở tương lai.")]
    elif earliest and payment.paid_on < earliest:
        problems["paid_on"] = [_("Ngày giải ngân không thể trước ngày %(day)s.") % {"day": f"{earliest:%d/%m/%Y}"}]
    return problems


def _field_problems(row, *, skip: bool = False) -> Problems:
    """Return what columns and constraints refuse, by field; with ``skip`` only the columns are asked."""
    try:
        row.full_clean(exclude=["loan"], validate_constraints=not skip)
    except ValidationError as refusal:
        return {WHOLE if name == NON_FIELD_ERRORS else name: said for name, said in refusal.message_dict.items()}
    return {}
