"""Term congresses: the general meeting that elects the board anew."""

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext_lazy as _

from cooperatives.choices import CongressKind
from cooperatives.governance.acts import amend_charter, begin_term, record_congress, withdraw_term
from cooperatives.governance.lawbook import Lawbook
from cooperatives.models import Procedure, RegistrationProcedure
from support_cases.choices import Status
from support_cases.support_types.base import KindDay, Milestone, NextCase, Problems, SupportType
from support_cases.support_types.congress_details import (
    ELECTING,
    GROUPS,
    TermCongressDetails,
    days_out_of_order,
    too_many,
)
from support_cases.support_types.congress_meeting import Meeting

_ENDINGS = ("complete", "complete_partly")
#: What is decided, as the case that follows from it is called.
_TITLES = {
    "representative": _("Đăng ký thay đổi người đại diện theo pháp luật sau đại hội"),
    "certificate": _("Đăng ký thay đổi tên, địa chỉ, vốn điều lệ sau đại hội"),
    "lines": _("Thông báo thay đổi ngành, nghề sau đại hội"),
    "tax": _("Thông báo thay đổi thông tin đăng ký thuế sau đại hội"),
}
_PROCEDURES = {
    "representative": Procedure.CHANGE_REPRESENTATIVE,
    "certificate": Procedure.CHANGE,
    "tax": Procedure.TAX_DATA,
}
_FIGURES = ("call_no", "held_on", "official_members", "delegates_invited", "present", "decisions", "resolution_no")


class TermCongress(SupportType):
    """Preparing and holding the congress, and what must be registered afterwards."""

    code = "term_congress"
    position = 30
    label = _("Đại hội nhiệm kỳ")
    public_label = _("Đại hội thành viên")
    details = TermCongressDetails
    field_groups = GROUPS
    stages = {
        Status.ADVISING: _("Đang chuẩn bị đại hội"),
        Status.SUBMITTED: _("Đã gửi báo cáo kết quả đại hội"),
    }
    day_words = {"notice": _("Hạn gửi giấy mời họp"), "next_call": _("Hạn triệu tập lần sau")}
    next_steps = {
        Status.ADVISING: _("HTX chuẩn bị tài liệu và gửi giấy mời cho từng thành viên."),
        Status.SUBMITTED: _("Cơ quan có thẩm quyền xem xét các thay đổi sau đại hội."),
    }
    milestones = (
        Milestone(
            "congress_preparing",
            _("Chuẩn bị tài liệu đại hội"),
            _("HTX đang chuẩn bị tài liệu đại hội"),
            next_step=_("HTX gửi giấy mời kèm tài liệu cho từng thành viên."),
        ),
        Milestone(
            "congress_invited",
            _("Đã gửi giấy mời"),
            _("HTX đã gửi giấy mời họp"),
            next_step=_("HTX tổ chức đại hội đúng ngày đã mời."),
        ),
        Milestone(
            "congress_held",
            _("Đã họp đại hội"),
            _("Đại hội đã họp"),
            next_step=_("HTX hoàn thiện biên bản, nghị quyết và báo cáo kết quả."),
        ),
        Milestone(
            "congress_reported",
            _("Đã báo cáo kết quả"),
            _("HTX đã báo cáo kết quả đại hội"),
            next_step=_("HTX đăng ký hoặc thông báo các thay đổi sau đại hội, nếu có."),
        ),
    )

    def variant(self, details) -> str:
        """Return whose papers are asked for; delegates who elect need those of a term congress."""
        if details.congress_kind != CongressKind.DELEGATES:
            return details.congress_kind
        return CongressKind.TERM if details.term_years else CongressKind.ANNUAL

    def event_day(self, details) -> date | None:
        """Return the day of the meeting."""
        return details.held_on or details.planned_on

    def check(self, case, details, today: date) -> Problems:
        """Return what cannot be right: days out of order, more people than there are."""
        problems: Problems = {}
        for name, words in [*days_out_of_order(details, today), *too_many(details)]:
            problems.setdefault(name, []).append(words)
        return problems

    def problems_before(self, step: str, case, day: date) -> list:
        """Return that a stop cannot be reached before its day is noted, nor the end before the meeting."""
        row = case.details
        if step == "congress_invited" and not (row and row.notice_on):
            return [_("Cần ghi ngày gửi giấy mời vào chi tiết hồ sơ.")]
        if step in ("congress_held", "congress_reported") and not (row and row.held_on):
            return [_("Cần ghi ngày họp vào chi tiết hồ sơ.")]
        if step in (*_ENDINGS, "congress_held") and row and row.held_on and row.held_on > day:
            return [_("Bước này không thể ghi cho ngày trước ngày họp.")]
        return []

    def warnings_before(self, step: str, case, day: date) -> list:
        """Return what the law would have had otherwise; whoever goes on gives the reason."""
        if step == "congress_invited":
            return list(Meeting.of(case).warnings_of_notice())
        if step == "congress_held":
            return list(Meeting.of(case).warnings_of_the_meeting())
        return Meeting.of(case).warnings() if step in _ENDINGS else []

    def guidance(self, case, day: date) -> list:
        """Return how many must attend, by when to invite and to meet, and what follows."""
        return list(Meeting.of(case).guidance())

    def facts(self, case, day: date) -> list:
        """Return quorum, deadlines and the new term."""
        return list(Meeting.of(case).facts())

    def law_of_days(self) -> Lawbook:
        """Return the rules of meetings."""
        return Meeting.law_of_meetings()

    def remind_on(self, case, law) -> Iterator[KindDay]:
        """Yield the last day of the notice while it is not sent, and the last day of the call after one that failed."""
        meeting = Meeting.of(case, law) if case.is_open and case.details else None
        if meeting and meeting.notice_due:
            yield KindDay("notice", meeting.notice_due)
        if meeting and meeting.next_call:
            yield KindDay("next_call", meeting.next_call.last_day)

    def after(self, step: str, case, *, day: date, by) -> list[NextCase]:
        """Note the meeting in the register, begin the term it elected, and open what has to be registered.

        A meeting without a quorum is noted as one, and nothing follows from it.
        """
        row = case.details
        if step not in _ENDINGS or row is None or row.held_on is None or case.cooperative is None:
            return []
        meeting = Meeting.of(case)
        met = meeting.quorum.met
        figures = {name: getattr(row, name) for name in _FIGURES} | {"kind": row.congress_kind, "quorum_met": met}
        row.congress = record_congress(case.cooperative, figures, today=day, congress=row.congress)
        self._elect(case, row, meeting)
        row.save(update_fields=["congress", "term"])
        return self.following(case)

    def following(self, case) -> list[NextCase]:
        """Return the cases in which what a valid meeting decided is registered or notified."""
        meeting = Meeting.of(case)
        return list(_following(case.details, meeting)) if meeting.quorum.met is not False else []

    def _elect(self, case, row: TermCongressDetails, meeting: Meeting) -> None:
        """Begin the term the meeting elected, or take back one it did not elect after all; note the amended charter.

        Who represents the cooperative is changed by registration alone.
        """
        valid = meeting.quorum.met is not False
        if valid and row.congress_kind in ELECTING and row.term_years and meeting.term_starts_on:
            row.term = begin_term(
                case.cooperative,
                meeting.term_starts_on,
                row.term_years,
                row.chair,
                elected_by=row.congress,
                term=row.term,
            )
        elif row.term is not None:
            withdraw_term(row.term)
            row.term = None
        if valid and row.changes_charter:
            amend_charter(case.cooperative, row.held_on)


def _following(row: TermCongressDetails, meeting: Meeting) -> Iterator[NextCase]:
    """Yield the cases in which the decisions are registered or notified, each due so many days after the meeting."""
    register, notify = "change.register_days", "change.notify_days"
    for key, wanted, rule in (
        ("representative", row.changes_representative, register),
        ("certificate", row.changes_name_or_address or row.changes_capital, register),
        ("lines", row.changes_lines, notify),
        ("tax", row.changes_tax_info, notify),
    ):
        if wanted:
            days = meeting.book.number(rule, row.held_on)
            due_on = None if days is None else meeting.book.after_days(row.held_on, days).last_day
            topic, details = _papers_of(key, row.held_on)
            yield NextCase(key, topic, _TITLES[key], due_on=due_on, details=details, event_on=row.held_on)


def _papers_of(key: str, held_on: date) -> tuple[str, dict]:
    """Return topic and details of the case for one decision.

    Tax registration is changed at the registrar since Law 17/2023/QH15, before that at the tax office.
    """
    if key == "lines":
        return "business_lines", {"resolution_on": held_on}
    if key == "tax" and RegistrationProcedure.objects.of(Procedure.TAX_DATA, held_on) is None:
        return "tax", {}
    return "registration", {"procedure": _PROCEDURES[key], "changed_on": held_on}
