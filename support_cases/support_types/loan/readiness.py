"""How ready a request is for a lender, and what in it contradicts itself or the register."""

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext_lazy as _

from cooperatives.choices import CicState, Kind
from cooperatives.errors import Words
from cooperatives.lending.checks import least_own_capital
from cooperatives.models import LoanProgramme
from htx_portal.templatetags.portal import vnd
from support_cases.support_types.base import Hint, Problems
from support_cases.support_types.loan.details import SHARED, LoanDetails


def readiness(details: LoanDetails, day: date) -> Iterator[Hint]:
    """Yield a hint for each thing a lender asks to see."""
    for is_ready, done, undone in (
        (details.plan_ready, _("Phương án vay vốn đã sẵn sàng."), _("Chưa có phương án vay vốn khả thi.")),
        (
            details.statements_ready,
            _("Báo cáo tài chính đã sẵn sàng."),
            _("Chưa có báo cáo tài chính, sổ sách đầy đủ."),
        ),
    ):
        yield Hint(done, "ok") if is_ready else Hint(undone, "warn")
    if details.cic in ("", CicState.UNKNOWN):
        yield Hint(_("Chưa hỏi thông tin nợ xấu (CIC) của HTX."), "warn")
    elif details.cic == CicState.NONE:
        yield Hint(_("HTX không có nợ xấu theo CIC."), "ok")
    least = least_own_capital(details, day)
    if least is not None and details.own_capital_percent is None:
        yield Hint(_("Chưa ghi vốn đối ứng; nơi cho vay yêu cầu ít nhất %(least)s%%.") % {"least": least}, "warn")
    if not details.collateral:
        yield Hint(_("Chưa ghi hình thức bảo đảm tiền vay; quỹ có thể không yêu cầu, theo thỏa thuận."))


def kind_of(case) -> str:
    """Return the kind of borrower; a founding group is on its way to be a HTX."""
    return case.cooperative.kind if case.cooperative else Kind.HTX


def missing(case) -> list[Words]:
    """Return the names of what a loan of the register cannot do without and the case does not say."""
    details = case.details
    columns = [LoanDetails._meta.get_field(name) for name in ("lender", "requested", "submitted_on")]
    names: list[Words] = [column.verbose_name for column in columns if not getattr(details, column.name)]
    return names if case.cooperative else [*names, _("HTX vay vốn (nhóm sáng lập chưa vay được)")]


def programme_problems(case, details: LoanDetails) -> Problems:
    """Return the refusal of a programme of another lender, or of another time than that of the case."""
    programme = details.programme
    if programme is None:
        return {}
    if programme.lender and details.lender and programme.lender != details.lender:
        return {"programme": [_("Chương trình này không phải của nơi cho vay đã chọn.")]}
    if not LoanProgramme.objects.in_force(case.event_on).filter(pk=programme.pk).exists():
        day = f"{case.event_on:%d/%m/%Y}"
        return {"programme": [_("Chương trình này không có hiệu lực vào ngày %(day)s.") % {"day": day}]}
    return {}


def kept_in_register(case, details: LoanDetails) -> Problems:
    """Return the refusal to change what the register holds of a case that has ended, by column."""
    if case.pk is None or case.is_open or details.loan_id is None:
        return {}
    stored = LoanDetails.objects.get(pk=case.pk)
    names = [name for name in (*SHARED, "collateral", "result") if getattr(details, name) != getattr(stored, name)]
    return {name: [_("Khoản vay đã vào sổ: mở lại hồ sơ rồi mới sửa.")] for name in names}


def money_problems(case) -> list[Words]:
    """Return what the payments written down in the case contradict."""
    paid = sum(row.amount for row in case.loanpayment_rows.all())
    if not paid:
        return []
    details = case.details
    if details is None or not details.is_granted:
        return [_("Đã ghi giải ngân nhưng kết quả chưa phải là được vay.")]
    if paid > (details.approved or 0):
        amounts = {"paid": vnd(paid), "approved": vnd(details.approved or 0)}
        return [_("Tổng giải ngân %(paid)s lớn hơn số được duyệt %(approved)s.") % amounts]
    return []
