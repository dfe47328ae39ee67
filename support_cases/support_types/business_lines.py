"""Change of business lines: the old list reviewed line by line, registered or notified, the register following."""

from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from cooperatives.choices import LineAction
from cooperatives.errors import InvalidEntry, NotAllowedNow, Words
from cooperatives.lines import LineChange, change_lines, problems_alone, refusals, take_back, told
from cooperatives.lines.law import act_of, answer_day, is_registered, last_day, of_another_version
from cooperatives.lines.review import Review, review
from cooperatives.models import BusinessLine, ConditionalLine, Cooperative, ListRevision, VsicLine, VsicVersion
from cooperatives.register import EARLIEST
from support_cases.choices import Status
from support_cases.support_types.base import CaseDetails, CaseRow, Hint, Problems, SupportType

_SENDING = frozenset({"submit", "complete", "complete_partly"})
_COMPLETING = frozenset({"complete", "complete_partly"})
_LONGEST_BASIS = 200


class BusinessLinesDetails(CaseDetails):
    """The resolution behind the change and the notice to the registrar."""

    minutes_on = models.DateField(_("Ngày biên bản đại hội thành viên"), null=True, blank=True)
    resolution_on = models.DateField(_("Ngày nghị quyết đại hội thành viên"), null=True, blank=True)
    resolution_no = models.CharField(_("Số nghị quyết"), max_length=60, blank=True)
    notified_on = models.DateField(_("Ngày thông báo, đăng ký thay đổi"), null=True, blank=True)
    target_version = models.CharField(_("Ghi ngành mới theo"), max_length=4, choices=VsicVersion.choices, blank=True)
    summary = models.CharField(_("Ngành bỏ, thêm, sửa mã"), max_length=300, blank=True)
    revision = models.ForeignKey(
        ListRevision, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+",
        verbose_name=_("Lần thay đổi trong sổ đăng ký"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("chi tiết đăng ký lại ngành nghề")
        verbose_name_plural = _("chi tiết đăng ký lại ngành nghề")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(resolution_on__isnull=True)
                | models.Q(notified_on__isnull=True)
                | models.Q(resolution_on__lte=models.F("notified_on")),
                name="support_resolution_before_notice",
                violation_error_message=_("Nghị quyết phải có trước ngày thông báo."),
            )
        ]


class LineReview(CaseRow):
    """What becomes of one line: kept, dropped, added, its code corrected, or moved to another version of VSIC."""

    action = models.CharField(_("Rà soát"), max_length=8, choices=LineAction.choices, default=LineAction.KEEP)
    present = models.ForeignKey(
        BusinessLine, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("Ngành đang có"),
    )  # fmt: skip
    line = models.ForeignKey(
        VsicLine, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Ngành mới")
    )
    detail = models.CharField(_("Chi tiết"), max_length=300, blank=True)
    is_main = models.BooleanField(_("Ngành chính"), default=False)
    note = models.CharField(_("Giấy phép, ghi chú"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("dòng rà soát ngành, nghề")
        verbose_name_plural = _("rà soát từng ngành, nghề")
        ordering = ["case_id", "pk"]

    def __str__(self):
        return f"{self.get_action_display()} {self.line or self.present or ''}".strip()

    def change(self) -> LineChange:
        """Return the row as a change of the list."""
        return LineChange(self.action, self.present, self.line, self.detail, self.is_main)


def review_of(case, day: date, rows: Sequence[LineReview] | None = None) -> Review:
    """Return the review of ``case`` as of ``day``: of its stored rows, or of ``rows`` not stored yet."""
    rows = _rows(case) if rows is None else rows
    revision = case.details.revision if case.details else None
    return review(case.cooperative, [row.change() for row in rows], effective_day(case, day), revision)


def effective_day(case, day: date) -> date:
    """Return from when the register shows the change if the case is completed on ``day``.

    That is the day of the notice; without one the day of the completion, which a second one does not move.
    """
    details = case.details
    if details is None:
        return day
    return details.notified_on or (details.revision.changed_on if details.revision else day)


def _rows(case) -> list[LineReview]:
    return list(case.linereview_rows.select_related("present__line", "line"))


class BusinessLines(SupportType):
    """Change of business lines (Law 17/2023/QH15, Articles 45 and 48; Decree 92/2024, Article 41).

    Under Law 23/2012/QH13 the lines stood on the certificate and a change was registered, not notified.
    """

    code = "business_lines"
    position = 20
    label = _("Đăng ký lại ngành nghề")
    public_label = _("Đăng ký lại ngành nghề")
    details = BusinessLinesDetails
    rows = {"lines": LineReview}
    stages = {
        Status.ADVISING: _("Đang rà soát danh sách ngành nghề"),
        Status.SUBMITTED: _("Đã gửi hồ sơ thay đổi ngành nghề"),
        Status.COMPLETED: _("Đã thay đổi ngành nghề"),
    }
    next_steps = {
        Status.ADVISING: _("HTX họp đại hội thành viên và thông qua nghị quyết thay đổi ngành nghề."),
        Status.SUBMITTED: _("Cơ quan đăng ký kinh doanh xem xét và trả lời."),
    }

    def stage(self, case) -> Words:
        """Return the public words; what was sent is called as the law of the case calls it."""
        if case.status != Status.SUBMITTED:
            return super().stage(case)
        if is_registered(case.event_on):
            return _("Đã nộp hồ sơ đăng ký thay đổi ngành nghề")
        return _("Đã gửi thông báo thay đổi ngành nghề")

    def event_day(self, details) -> date | None:
        """Return the day of the resolution: the change arises from it."""
        return details.resolution_on

    def limit(self, name: str, party):
        """Lines of the register are the party's own; a group that is founding a cooperative has none."""
        if name != "present":
            return None
        own = BusinessLine.objects.select_related("line").order_by("-valid_from", "line__code", "pk")
        return own.filter(cooperative=party) if isinstance(party, Cooperative) else own.none()

    def check(self, case, details, today: date) -> Problems:
        """Refuse days that cannot be, and minutes of later than the resolution they record."""
        problems: Problems = {}
        for name in ("minutes_on", "resolution_on", "notified_on"):
            day = getattr(details, name)
            if day and not EARLIEST <= day <= today:
                late = _("Ngày này không thể ở tương lai.")
                problems[name] = [late if day > today else _("Ngày này quá xa, xin kiểm tra năm.")]
        if details.minutes_on and details.resolution_on and details.minutes_on > details.resolution_on:
            problems.setdefault("minutes_on", []).append(_("Biên bản không thể sau ngày nghị quyết."))
        return problems

    def check_row(self, name: str, row: LineReview, today: date) -> Problems:
        """Refuse a row that lacks the line its action is about."""
        of_present, of_new = problems_alone(row.change())
        return {column: said for column, said in (("present", of_present), ("line", of_new)) if said}

    def problems_before(self, step: str, case, day: date) -> list[Words]:
        """Refuse to send a difference that leads to no list, and to complete what the register cannot take."""
        details = case.details
        if step not in _SENDING or details is None or case.cooperative is None:
            return []
        if step in _COMPLETING and details.notified_on and details.notified_on > day:
            return [_("Ngày thông báo không thể sau ngày hoàn thành.")]
        found = review_of(case, day)
        if step not in _COMPLETING or not found.changes:
            return told(found.problems)
        on = effective_day(case, day)
        return refusals(case.cooperative, found.changes, on=on, today=day, replacing=details.revision)

    def warnings_before(self, step: str, case, day: date) -> list[Words]:
        """Warn of a notice after its term, of a difference without a resolution, of lines of another version."""
        details = case.details
        if step not in _SENDING or details is None:
            return []
        found: list[Words] = []
        last = last_day_of(case)
        # What was said when the notice was sent need not be said again when the answer comes.
        is_being_sent = step == "submit" or case.status == Status.ADVISING
        if last and is_being_sent and (details.notified_on or day) > last:
            words = _("%(act)s đã quá hạn: hết ngày %(day)s.")
            found.append(words % {"act": act_of(case.event_on), "day": f"{last:%d/%m/%Y}"})
        rows = _rows(case)
        if rows and details.resolution_on is None and step in _COMPLETING:
            found.append(_("Chưa ghi nghị quyết đại hội thành viên về ngành, nghề."))
        return found + of_another_version([row.line for row in rows if row.line], case.event_on)

    def after(self, step: str, case, *, day: date, by) -> Sequence:
        """Set the appointment when the notice is sent; change the register when the case is completed."""
        if step == "submit" and case.appointment_on is None:
            case.appointment_on = answer_day(day, case.event_on)
        if step in _COMPLETING and case.cooperative is not None and case.details is not None:
            try:
                _change_register(case, case.details, day, by)
            except InvalidEntry as refusal:
                raise NotAllowedNow([words for said in refusal.problems.values() for words in said]) from refusal
        return ()

    def guidance(self, case, day: date) -> list[Hint]:
        """Lead an officer through the law of the case's day: what kind of act, by when, what is still missing."""
        details, found = case.details, review_of(case, day)
        hints = [_kind_of_act(case.event_on), *_missing(case, details, found), *_term_hint(case, day)]
        if found.changes:
            hints.append(_effect(details, found))
            hints += [Hint(words, "warn") for words in of_another_version(found.new_lines, case.event_on)]
        licences = ConditionalLine.objects.notes([outcome.line for outcome in found.after], day)
        return [*hints, _licence_hint()] if any(licences.values()) else hints

    def facts(self, case, day: date) -> list[tuple[Words, Words]]:
        """Return until when the change is to be told and since when the register shows it."""
        revision = case.details.revision if case.details else None
        days = {
            _("Hạn thông báo, đăng ký thay đổi"): last_day_of(case),
            _("Sổ đăng ký đã đổi từ ngày"): revision.changed_on if revision else None,
        }
        return [(label, f"{when:%d/%m/%Y}") for label, when in days.items() if when]


def last_day_of(case) -> date | None:
    """Return the last day to notify or register the change by the law of the case; None without a resolution."""
    resolved = case.details.resolution_on if case.details else None
    return last_day(resolved, case.event_on) if resolved else None


def basis_words(case, on: date) -> str:
    """Return what the new lines of the register cite, in Vietnamese, as the paper calls it."""
    with override(settings.LANGUAGE_CODE):
        words = _("%(act)s ngày %(day)s") % {"act": act_of(case.event_on), "day": f"{on:%d/%m/%Y}"}
        if case.details.resolution_no:
            words = _("%(basis)s, Nghị quyết %(number)s") % {"basis": words, "number": case.details.resolution_no}
    return str(words)[:_LONGEST_BASIS]


def _change_register(case, details: BusinessLinesDetails, day: date, by) -> None:
    """Bring the register to what the review says; what an earlier completion wrote is replaced, not doubled."""
    rows = _rows(case)
    if rows:
        on = effective_day(case, day)
        details.revision = change_lines(
            case.cooperative, [row.change() for row in rows], on=on, legal_basis=basis_words(case, on),
            by=by, today=day, replacing=details.revision,
        )  # fmt: skip
    elif details.revision is not None:
        take_back(details.revision)
        details.revision = None
    details.save(update_fields=["revision"])


def _kind_of_act(day: date) -> Hint:
    if is_registered(day):
        return Hint(
            _(
                "Ngành, nghề ghi trên giấy chứng nhận: HTX đăng ký thay đổi. Rà soát danh sách trên giấy cũ: "
                "tên sai hoặc lạc hậu, thiếu mã, ngành ngoài VSIC, ngành không làm, ngành mới (chế biến, du lịch)."
            ),
            source=_("Luật 23/2012/QH13; cách hiểu của tổ công tác"),
        )
    return Hint(
        _("Ngành, nghề không ghi trên giấy chứng nhận: HTX thông báo thay đổi, chỉ cấp giấy xác nhận khi HTX đề nghị."),
        source=_("Luật 17/2023/QH15, Điều 45, 48; Nghị định 92/2024/NĐ-CP, Điều 41"),
    )


def _licence_hint() -> Hint:
    words = _("Có ngành, nghề có điều kiện: được ghi vào danh sách không thay cho giấy phép riêng của ngành đó.")
    return Hint(words, "warn", _("Luật 17/2023/QH15, Điều 45"))


def _missing(case, details, found: Review) -> list[Hint]:
    """Return what was not entered yet and what comes of it."""
    if case.cooperative is None:
        return [Hint(_("Nhóm sáng lập chưa có trong sổ đăng ký nên không có danh sách ngành, nghề để đổi."))]
    hints = []
    if not found.changes:
        hints.append(Hint(_("Chưa rà soát ngành nào nên sổ đăng ký không thay đổi khi hồ sơ hoàn thành."), "warn"))
    if details is None or details.resolution_on is None:
        hints.append(Hint(_("Chưa ghi ngày nghị quyết đại hội thành viên."), "warn"))
    return hints


def _term_hint(case, day: date) -> list[Hint]:
    last = last_day_of(case)
    if last is None or case.details.notified_on is not None:
        return []
    words = _("%(act)s chậm nhất ngày %(day)s.") % {"act": act_of(case.event_on), "day": f"{last:%d/%m/%Y}"}
    return [Hint(words, "bad" if day > last else "info")]


def _effect(details, found: Review) -> Hint:
    """Return from which day the register will show the change, or that it cannot."""
    if found.problems:
        return Hint(_("Bảng rà soát còn chỗ chưa đúng, xem từng dòng bên dưới."), "bad")
    if details is None or details.notified_on is None:
        return Hint(_("Khi hoàn thành, sổ đăng ký đổi từ ngày hoàn thành, vì chưa ghi ngày thông báo."))
    words = _("Khi hoàn thành, sổ đăng ký đổi từ ngày thông báo %(day)s.")
    return Hint(words % {"day": f"{details.notified_on:%d/%m/%Y}"}, "ok")
