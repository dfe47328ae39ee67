"""Referrals to other agencies: sending, answering, withdrawing, and telling the leaders when an answer is late."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from cooperatives.agencies import heir_on
from cooperatives.errors import InvalidEntry, NotAllowedNow, StaleVersion, Words
from cooperatives.models import Agency, Holiday, LegalRule, moment_to_record
from cooperatives.text import nfc, nfc_lines
from support_cases.choices import AnswerKind
from support_cases.details import field_problems
from support_cases.models import Case, Referral
from support_cases.records import add_line, lock_case
from support_cases.support_types.base import Problems

#: Lines of history of what happens to a referral.
REFERRED, ANSWERED, WITHDRAWN = "refer", "referral_answered", "referral_withdrawn"
ESCALATED = "referral_escalated"
#: The office's own rules: within how many working days an answer is asked for, and how late it must be, counted
#: in working days after that day, before the leaders are told.
ANSWER_TERM, ESCALATION_TERM = "referral.answer_working_days", "referral.escalate_after_working_days"
_FURTHEST = timedelta(days=366)


def default_expected_day(sent_on: date) -> date | None:
    """Return the day by which an answer to a letter of ``sent_on`` is asked for, or None where no rule says."""
    days = LegalRule.objects.days(ANSWER_TERM, sent_on)
    return None if days is None else Holiday.objects.work_calendar().add_working_days(sent_on, days)


def refer(
    case: Case,
    agency: Agency,
    question: str,
    *,
    by,
    today: date,
    sent_on: date | None = None,
    expected_on: date | None = None,
    letter_no: str = "",
    version: int | None = None,
) -> Referral:
    """Send a question of ``case`` to ``agency`` and return the referral; ``version`` is that of the case.

    ``sent_on`` defaults to ``today`` and ``expected_on`` to :func:`default_expected_day`.

    Raises:
        InvalidEntry: with messages by field; nothing is written.
        NotAllowedNow: for a case that has ended, or the same question waiting at the same agency.
        StaleVersion: when ``version`` is given and somebody changed the case since.
    """
    sent_on = sent_on or today
    with transaction.atomic():
        locked = lock_case(case, version)
        if not locked.is_open:
            raise NotAllowedNow([_("Hồ sơ đã kết thúc, mở lại rồi mới chuyển cơ quan phối hợp.")])
        problems = _sending_problems(locked, agency, sent_on, today)
        # The term runs from the day of the letter, so a wrong one says nothing about its end.
        expected_on = expected_on or (None if problems else default_expected_day(sent_on))
        row = Referral(
            case=locked,
            agency=agency,
            question=nfc_lines(question or ""),
            letter_no=nfc(letter_no or ""),
            sent_on=sent_on,
            expected_on=expected_on,
            sent_by=by,
            recorded_at=moment_to_record(),
        )
        problems |= {} if problems else _term_problems(row)
        problems = field_problems(row, skip=["case", "expected_on", *problems]) | problems
        if problems:
            raise InvalidEntry(problems)
        if locked.referrals.open().filter(agency=agency, question=row.question).exists():
            raise NotAllowedNow([_("Nội dung này đã chuyển cơ quan đó và đang chờ trả lời.")])
        row.save()
        _tell(locked, REFERRED, _sent_words(row), by=by, day=sent_on)
    return row


def answer(
    referral: Referral,
    kind: str,
    words: str,
    *,
    by,
    today: date,
    answered_on: date | None = None,
    version: int | None = None,
) -> Referral:
    """Log the agency's answer of ``answered_on`` (today by default) and return the fresh referral.

    Raises:
        InvalidEntry: for a day that cannot be right, a kind there is not, an answer without words.
        NotAllowedNow: when it was answered or withdrawn before.
        StaleVersion: when ``version`` is given and somebody acted on the referral since.
    """
    day, words = answered_on or today, nfc_lines(words or "")
    with transaction.atomic():
        row = _lock_open(referral, version)
        problems = _ending_problems(row, "answered_on", day, today)
        if kind not in AnswerKind.values:
            problems["answer_kind"] = [_("Chọn kết quả trả lời.")]
        if not words:
            problems["answer"] = [_("Cần ghi nội dung trả lời.")]
        row.answered_on, row.answer_kind, row.answer = day, kind, words
        _save(row, problems)
        said = f"{row.agency.name}: {AnswerKind(kind).label}.\n{words}"
        _tell(row.case, ANSWERED, said, by=by, day=day)
    return row


def withdraw(
    referral: Referral,
    reason: str,
    *,
    by,
    today: date,
    withdrawn_on: date | None = None,
    version: int | None = None,
) -> Referral:
    """Take a question back as of ``withdrawn_on`` (today by default) and return the fresh referral.

    Raises:
        InvalidEntry: for a day that cannot be right, or a missing reason.
        NotAllowedNow: when it was answered or withdrawn before.
        StaleVersion: when ``version`` is given and somebody acted on the referral since.
    """
    day, reason = withdrawn_on or today, nfc_lines(reason or "")
    with transaction.atomic():
        row = _lock_open(referral, version)
        problems = _ending_problems(row, "withdrawn_on", day, today)
        if not reason:
            problems["withdrawn_reason"] = [_("Cần ghi lý do.")]
        row.withdrawn_on, row.withdrawn_reason = day, reason
        _save(row, problems)
        _tell(row.case, WITHDRAWN, f"{row.agency.name}.\n{reason}", by=by, day=day)
    return row


def escalate(referral: Referral, note: str, *, by, today: date, version: int | None = None) -> Referral:
    """Tell the leaders that an answer is late, with ``note``, and return the fresh referral; done once.

    Raises:
        InvalidEntry: when the note is missing.
        NotAllowedNow: when the answer is not late, came, is not wanted any more, or the leaders know already.
        StaleVersion: when ``version`` is given and somebody acted on the referral since.
    """
    note = nfc_lines(note or "")
    with transaction.atomic():
        row = _lock_open(referral, version)
        if row.escalated_on is not None:
            raise NotAllowedNow([_("Việc này đã báo lãnh đạo.")])
        if not row.is_late(today):
            raise NotAllowedNow([_("Chưa quá hạn trả lời nên chưa báo lãnh đạo.")])
        row.escalated_on, row.escalation_note = today, note
        _save(row, {} if note else {"escalation_note": [_("Cần ghi nội dung báo lãnh đạo.")]})
        add_line(row.case, ESCALATED, by=by, day=today, note=_late_words(row, note))
    return row


def escalate_late(today: date) -> int:
    """Escalate what is late by more working days than the office allows; return how many that were.

    May run any number of times, also twice at once: each referral is claimed by a conditional update. Without a
    rule in force nothing is escalated.
    """
    allowed = LegalRule.objects.days(ESCALATION_TERM, today)
    if allowed is None:
        return 0
    calendar = Holiday.objects.work_calendar()
    waiting = Referral.objects.late(today).filter(escalated_on__isnull=True).order_by("pk")
    due = [
        pk
        for pk, expected_on in waiting.values_list("pk", "expected_on")
        if calendar.working_days_between(expected_on, today) > allowed
    ]
    return sum(_claim(pk, today) for pk in due)


def _claim(pk: int, today: date) -> bool:
    """Mark one late referral as escalated by the portal itself; False when somebody else acted on it first."""
    with transaction.atomic():
        row = Referral.objects.with_rows().get(pk=pk)
        # The case first, as every act on a referral does: two that lock in another order wait for each other for ever.
        lock_case(row.case, None)
        free = Referral.objects.late(today).filter(pk=pk, escalated_on__isnull=True)
        if free.update(escalated_on=today, version=F("version") + 1) != 1:
            return False
        row.refresh_from_db(fields=["escalated_on", "version"])
        add_line(row.case, ESCALATED, by=None, day=today, note=_late_words(row, ""))
    return True


def _lock_open(referral: Referral, version: int | None) -> Referral:
    """Return the referral read again, its case and itself locked; must run inside a transaction.

    Raises:
        NotAllowedNow: when no answer is owed any more.
        StaleVersion: when ``version`` is given and is not the present one.
    """
    case = lock_case(referral.case, None)
    row = Referral.objects.select_for_update(of=("self",)).select_related("agency").get(pk=referral.pk)
    row.case = case
    if version is not None and version != row.version:
        raise StaleVersion
    if row.answered_on is not None:
        raise NotAllowedNow([_("Cơ quan phối hợp đã trả lời việc này.")])
    if row.withdrawn_on is not None:
        raise NotAllowedNow([_("Việc chuyển này đã rút lại.")])
    return row


def _save(row: Referral, problems: Problems) -> None:
    """Write the referral with a new version.

    Raises:
        InvalidEntry: when there are ``problems`` or the columns refuse something.
    """
    problems = problems or field_problems(row)
    if problems:
        raise InvalidEntry(problems)
    row.version += 1
    row.save()


def _tell(case: Case, step: str, words: str, *, by, day: date) -> None:
    """Write what happened into the history of the case and raise its version."""
    case.version += 1
    case.save()
    add_line(case, step, by=by, day=day, note=words)


def _sending_problems(case: Case, agency: Agency, sent_on: date, today: date) -> Problems:
    if not case.opened_on <= sent_on <= today:
        return {"sent_on": [_("Ngày phải từ ngày mở hồ sơ đến hôm nay.")]}
    if agency.was_there_on(sent_on):
        return {}
    return {"agency": [_agency_gone(agency, sent_on)]}


def _agency_gone(agency: Agency, day: date) -> Words:
    """Return the words for an agency that was not there on the day, with who took over where that is known."""
    heir = heir_on(agency, day)
    if heir is not None:
        return _("Cơ quan này không hoạt động vào ngày gửi. Hãy chọn %(name)s.") % {"name": heir.name}
    return _("Cơ quan này không hoạt động vào ngày gửi.")


def _term_problems(row: Referral) -> Problems:
    """Return what cannot be right in the day the answer is asked for."""
    if row.expected_on is None:
        return {"expected_on": [_("Chưa có quy định về thời hạn trả lời, hãy ghi ngày hẹn.")]}
    if row.expected_on < row.sent_on:
        return {"expected_on": [_("Ngày hẹn trả lời không thể trước ngày gửi.")]}
    if row.expected_on - row.sent_on > _FURTHEST:
        return {"expected_on": [_("Ngày này quá xa, xin kiểm tra năm.")]}
    return {}


def _ending_problems(row: Referral, name: str, day: date, today: date) -> Problems:
    if row.sent_on <= day <= today:
        return {}
    return {name: [_("Ngày phải từ ngày gửi đến hôm nay.")]}


def _sent_words(row: Referral) -> str:
    told = {"agency": row.agency.name, "day": f"{row.expected_on:%d/%m/%Y}"}
    lines = [_("Gửi %(agency)s, hẹn trả lời %(day)s.") % told]
    lines += [_("Công văn số %(number)s.") % {"number": row.letter_no}] if row.letter_no else []
    return "\n".join([*lines, row.question])


def _late_words(row: Referral, note: str) -> str:
    told = {"agency": row.agency.name, "day": f"{row.expected_on:%d/%m/%Y}"}
    return f"{_('%(agency)s chưa trả lời, hẹn đến %(day)s.') % told}\n{note}"
