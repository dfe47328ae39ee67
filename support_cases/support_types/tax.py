"""Tax questions: the portal reminds and records, it never computes tax due."""

from datetime import date

from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from cooperatives.models import Cooperative, TaxObligation
from cooperatives.models.tax import PERIOD_SHAPES, TaxFrequency, VatFiling
from cooperatives.tax_calendar import Due, Filer, due_of, filer_of, record_profile
from support_cases.choices import Status
from support_cases.support_types.base import CaseDetails, Hint, Milestone, Problems, SupportType

# So few days before a deadline an open question of it is worth a word.
_NEAR = 3
_ASK = _("Kiểm tra với cơ quan thuế trước khi HTX làm theo; cổng này không tính số thuế phải nộp.")


class TaxSubject(models.TextChoices):
    """Subjects cooperatives ask about."""

    CIT = "cit", _("Thuế thu nhập doanh nghiệp, ưu đãi")
    VAT = "vat", _("Thuế giá trị gia tăng")
    PIT = "pit", _("Thuế thu nhập cá nhân")
    E_INVOICE = "e_invoice", _("Hóa đơn điện tử")
    SIGNATURE = "signature", _("Chữ ký số")
    RETURN = "return", _("Kê khai thuế")
    FINALISATION = "finalisation", _("Quyết toán thuế")
    DEBT = "debt", _("Nợ thuế, khóa mã số thuế")
    RESTORE = "restore", _("Khôi phục mã số thuế")
    LAND = "land", _("Thuế đất, tiền thuê đất")
    ACCOUNTING = "accounting", _("Kế toán")


class TaxAnswer(models.TextChoices):
    """What the tax office said to what the working group had told the cooperative."""

    CONFIRMED = "confirmed", _("Xác nhận hướng dẫn")
    OTHER = "other", _("Hướng dẫn khác")
    NONE = "none", _("Chưa trả lời")


class TaxDetails(CaseDetails):
    """What is asked, about which obligation and period, and what the tax office said.

    ``vat_filing`` and ``employs_people`` are what the case found out of how the cooperative files; they go into its
    tax profile when the case is completed. Whether it owes tax is the office's own.
    """

    subject = models.CharField(_("Nội dung thuế"), max_length=14, choices=TaxSubject.choices, blank=True)
    obligation = models.ForeignKey(
        TaxObligation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Nghĩa vụ trong lịch thuế"),
    )
    period = models.CharField(
        _("Kỳ tính thuế"), max_length=40, blank=True, help_text=_("Ghi dạng 2026-05, 2026-Q2 hoặc 2026.")
    )
    answer = models.CharField(_("Cơ quan thuế trả lời"), max_length=10, choices=TaxAnswer.choices, blank=True)
    answered_on = models.DateField(_("Ngày trả lời"), null=True, blank=True)
    answer_note = models.CharField(_("Nội dung trả lời"), max_length=300, blank=True)
    vat_filing = models.CharField(
        _("Cách kê khai thuế GTGT đã rõ"),
        max_length=10,
        choices=[choice for choice in VatFiling.choices if choice[0] != VatFiling.UNKNOWN],
        blank=True,
    )
    employs_people = models.BooleanField(_("Có trả lương, tiền công"), null=True, blank=True)
    in_debt = models.BooleanField(_("Đang nợ thuế"), default=False)

    class Meta:
        verbose_name = _("chi tiết thuế")
        verbose_name_plural = _("chi tiết thuế")


class Tax(SupportType):
    """Consultation on tax policy; the tax office decides (Law 38/2019/QH14; Law 108/2025/QH15 from 01/07/2026)."""

    code = "tax"
    position = 60
    label = _("Chính sách thuế")
    public_label = _("Chính sách thuế")
    details = TaxDetails
    office_only = frozenset({"in_debt"})
    milestones = (
        Milestone("tax_study", _("Đang tìm hiểu"), _("Đang tìm hiểu quy định thuế")),
        Milestone(
            "tax_guided",
            _("Đã hướng dẫn HTX"),
            _("Đã hướng dẫn HTX"),
            next_step=_("HTX làm theo hướng dẫn và kiểm tra với cơ quan thuế."),
        ),
        Milestone(
            "tax_asked",
            _("Đã hỏi cơ quan thuế"),
            _("Đã hỏi cơ quan thuế"),
            next_step=_("Cơ quan thuế trả lời HTX."),
        ),
        Milestone("tax_answered", _("Cơ quan thuế đã trả lời"), _("Cơ quan thuế đã trả lời")),
    )
    stages = {Status.SUBMITTED: _("Đã gửi cơ quan thuế")}
    next_steps = {
        Status.ADVISING: _("HTX làm theo hướng dẫn và kiểm tra với cơ quan thuế."),
        Status.SUBMITTED: _("Cơ quan thuế trả lời HTX."),
    }

    def check(self, case, details, today: date) -> Problems:
        """Refuse a period that is none of its obligation, and an answer without its day or the other way round."""
        problems: Problems = {}
        if details.period and (words := _wrong_period(details.obligation, details.period, _filer(case))):
            problems["period"] = [words]
        if details.answered_on and details.answered_on > today:
            problems["answered_on"] = [_("Ngày này không thể ở tương lai.")]
        elif bool(details.answered_on) != (details.answer in (TaxAnswer.CONFIRMED, TaxAnswer.OTHER)):
            problems["answered_on"] = [_("Ghi cả nội dung và ngày cơ quan thuế trả lời, hoặc để trống cả hai.")]
        return problems

    def problems_before(self, step: str, case, day: date) -> list:
        """The tax office has not answered as long as no answer is noted."""
        answered = case.details is not None and case.details.answered_on is not None
        if step == "tax_answered" and not answered:
            return [_("Ghi cơ quan thuế trả lời gì và ngày nào ở phần chi tiết trước.")]
        return []

    def warnings_before(self, step: str, case, day: date) -> list:
        """Speak up when a case ends close to its deadline and nobody has heard from the tax office."""
        due = self.due(case)
        unanswered = case.details is not None and case.details.answered_on is None
        if step != "complete" or due is None or not unanswered or not 0 <= due.days_left(day) <= _NEAR:
            return []
        words = _("Hạn %(title)s kỳ %(period)s là %(day)s mà cơ quan thuế chưa trả lời.")
        return [words % {"title": due.obligation.title, "period": due.period.label, "day": date_format(due.due_on)}]

    def due(self, case) -> Due | None:
        """Return the day of the obligation and period the case is about, or None where it names none."""
        details = case.details
        if details is None or details.obligation is None or not details.period:
            return None
        return due_of(details.obligation, details.period, _filer(case))

    def guidance(self, case, day: date) -> list[Hint]:
        """Name the deadline with its basis, and always send the cooperative to the tax office."""
        hints = []
        due = self.due(case)
        if due is not None:
            left = due.days_left(day)
            words = _("Hạn của %(title)s kỳ %(period)s: %(day)s.")
            said = words % {"title": due.obligation.title, "period": due.period.label, "day": date_format(due.due_on)}
            hints.append(Hint(said, "bad" if left < 0 else "warn" if left <= _NEAR else "info", due.obligation.basis))
            if due.moved:
                said = _("Kỳ này được gia hạn theo %(document)s.") % {"document": due.moved.legal_document}
                hints.append(Hint(said, "info", due.moved.article))
        if case.details is None or not case.details.subject:
            hints.append(Hint(_("Chưa ghi nội dung thuế, nên thông tin kê khai của HTX không thay đổi."), "warn"))
        return [*hints, Hint(_ASK, "info")]

    def facts(self, case, day: date) -> list:
        """Return how the day was counted: what the rule says, the day off it was moved past, the decree."""
        due = self.due(case)
        if due is None:
            return []
        steps = [date_format(due.statutory_on)]
        if due.shifted_on != due.statutory_on:
            steps.append(_("%(day)s (ngày làm việc tiếp theo)") % {"day": date_format(due.shifted_on)})
        if due.moved and not due.may_be_later:
            steps.append(_("%(day)s (gia hạn)") % {"day": date_format(due.due_on)})
        return [(_("Cách tính hạn thuế"), " → ".join(str(step) for step in steps))]

    def after(self, step: str, case, *, day: date, by):
        """Write what the case found out of how the cooperative files into its tax profile."""
        details = case.details
        if step == "complete" and details is not None and case.cooperative is not None:
            known = {"vat_filing": details.vat_filing or None, "employs_people": details.employs_people}
            found = {name: value for name, value in known.items() if value is not None}
            if found:
                record_profile(case.cooperative, found, by=by)
        return ()


def _filer(case) -> Filer:
    return filer_of(case.party) if isinstance(case.party, Cooperative) else Filer()


def _wrong_period(obligation: TaxObligation | None, period: str, filer: Filer):
    """Return why a period cannot be the one of an obligation, or None where it can; of no obligation any period can."""
    shapes = PERIOD_SHAPES if obligation is None else {obligation.frequency: PERIOD_SHAPES.get(obligation.frequency)}
    if not any(shape is None or shape.fullmatch(period) for shape in shapes.values()):
        return _("Ghi kỳ dạng 2026-05 (tháng), 2026-Q2 (quý) hoặc 2026 (năm), đúng với nghĩa vụ.")
    if obligation is None or obligation.frequency == TaxFrequency.OCCURRENCE:
        return None
    if due_of(obligation, period, filer) is None:
        return _("Quy định này không áp dụng cho kỳ đó; chọn quy định đúng thời gian của kỳ.")
    return None
