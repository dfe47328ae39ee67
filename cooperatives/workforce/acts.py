"""Entering lines of the approved list and placements, and confirming months: the acts every door calls."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import WHOLE, InvalidEntry, NotAllowedNow, Words
from cooperatives.models import ApprovedSupport, Cooperative, MonthlyConfirmation, Placement
from cooperatives.text import nfc
from cooperatives.workforce.limits import placement_warnings
from cooperatives.workforce.months import counted_months, first_day, last_day
from cooperatives.workforce.rules import SupportRules

Problems = dict[str, list[Words]]
#: No decision of the programme and its forerunners is older.
EARLIEST_DECISION = date(2012, 1, 1)


def enter_approved(line: ApprovedSupport, *, by, today: date) -> ApprovedSupport:
    """Check and save a new or changed line of the approved list and return it.

    Raises:
        InvalidEntry: with messages by field; nothing is written.
    """
    _clean_texts(line, "decision_no", "source")
    problems: Problems = {}
    if line.decided_on and not EARLIEST_DECISION <= line.decided_on <= today:
        problems["decided_on"] = [_("Ngày quyết định không thể ở tương lai hay quá xa trong quá khứ.")]
    if line.revoked_on and line.revoked_on > today:
        problems["revoked_on"] = [_("Ngày thu hồi không thể ở tương lai.")]
    for name in ("valid_from", "valid_to"):
        if (day := getattr(line, name)) and not EARLIEST_DECISION <= day <= date(2099, 12, 31):
            problems[name] = [_("Ngày này quá xa, xin kiểm tra năm.")]
    refuse(problems | field_problems(line, problems))
    line.edited_by = by
    save_once(line, _("Danh sách đã có HTX này với quyết định và vị trí này."))
    return line


def enter_placement(placement: Placement) -> Placement:
    """Check and save a new or changed placement and return it.

    What the policy rows and the decision say against it stands in the way unless ``exception_note`` gives a reason.
    The cooperative is locked meanwhile, so that two placements entered at once are counted together.

    Raises:
        InvalidEntry: with messages by field; nothing is written.
    """
    _clean_texts(placement, "person_label", "major", "contract_no", "exception_note")
    with transaction.atomic():
        list(Cooperative.objects.select_for_update().filter(pk=placement.cooperative_id))
        list(Placement.objects.select_for_update().filter(pk=placement.pk))
        rules = SupportRules.load()
        refuse(placement_problems(placement, rules))
        warnings = placement_warnings(placement, rules)
        if warnings and not placement.exception_note:
            asked = _("Nếu vẫn ghi, hãy nêu lý do ở đây.")
            raise InvalidEntry({"exception_note": [*warnings, asked]})
        placement.save()
    return placement


def confirm_month(
    placement: Placement, month: date, *, days_worked: Decimal, standard_days: Decimal, by, today: date
) -> MonthlyConfirmation:
    """Record that the person worked in the month of ``month``, and return the confirmation.

    Confirmed again, the figures are replaced, as long as the month is not paid; zero days worked means the month is
    neither paid nor used up. The placement is locked meanwhile: no batch pays a month that is being changed.

    Raises:
        InvalidEntry: for a month or days that cannot be right.
        NotAllowedNow: for a month that is paid.
    """
    month = first_day(month)
    with transaction.atomic():
        locked = Placement.objects.select_for_update().get(pk=placement.pk)
        refuse(_month_problems(locked, month, today))
        if locked.payments.filter(month=month).exists():
            raise NotAllowedNow([_("Tháng này đã được chi trả, không sửa xác nhận được nữa.")])
        row = locked.confirmations.filter(month=month).first() or MonthlyConfirmation(placement=locked, month=month)
        row.days_worked, row.standard_days = days_worked, standard_days
        row.confirmed_on, row.confirmed_by = today, by
        refuse(field_problems(row, {}))
        row.save()
    return row


def field_problems(row, skip) -> Problems:
    """Return what the columns and constraints of ``row`` refuse, by field, those in ``skip`` left out."""
    try:
        row.full_clean(exclude=list(skip))
    except ValidationError as refusal:
        return {WHOLE if name == NON_FIELD_ERRORS else name: said for name, said in refusal.message_dict.items()}
    return {}


def save_once(row, words: Words) -> None:
    """Save a checked row; somebody who entered the same at the same moment was faster.

    Raises:
        InvalidEntry: with ``words``, when the database refuses.
    """
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as clash:
        raise InvalidEntry({WHOLE: [words]}) from clash


def refuse(problems: Problems) -> None:
    """Raise ``InvalidEntry`` where there are problems."""
    if problems:
        raise InvalidEntry(problems)


def _clean_texts(row, *names: str) -> None:
    for name in names:
        setattr(row, name, nfc(getattr(row, name) or ""))


def placement_problems(placement: Placement, rules: SupportRules) -> Problems:
    """Return what cannot be right in a placement, saved or not yet, by field."""
    problems = field_problems(placement, ())
    if placement.approved and placement.approved.cooperative_id != placement.cooperative_id:
        problems["approved"] = [_("Quyết định này không phê duyệt cho HTX này.")]
    successor = placement.replaced_by
    if successor and (successor.cooperative_id != placement.cooperative_id or successor.pk == placement.pk):
        problems["replaced_by"] = [_("Người thay thế phải là một lao động khác của chính HTX này.")]
    elif successor and not placement.left_on:
        problems["replaced_by"] = [_("Chỉ ghi người thay thế khi đã ghi ngày nghỉ.")]
    return problems or _months_lost(placement, rules)


def _months_lost(placement: Placement, rules: SupportRules) -> Problems:
    """Return the refusal to move a contract away from months that are confirmed or paid."""
    if not placement.pk:
        return {}
    recorded = {*placement.confirmations.values_list("month", flat=True)}
    recorded |= {*placement.payments.values_list("month", flat=True)}
    lost = sorted(recorded - {*counted_months(placement, rules)})
    if not lost:
        return {}
    months = ", ".join(f"{month:%m/%Y}" for month in lost)
    return {
        "ends_on": [
            _("Các tháng đã xác nhận hoặc đã chi trả không còn trong hợp đồng: %(months)s.") % {"months": months}
        ]
    }


def _month_problems(placement: Placement, month: date, today: date) -> Problems:
    if month not in counted_months(placement, SupportRules.load()):
        return {"month": [_("Tháng này không thuộc các tháng được tính của hợp đồng.")]}
    if last_day(month) >= today:
        return {"month": [_("Chỉ xác nhận sau khi hết tháng.")]}
    return {}
