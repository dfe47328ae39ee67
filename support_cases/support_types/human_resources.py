"""Human-resource support 2022–2025: young graduates working at cooperatives, training."""

from collections.abc import Sequence
from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import Degree, Job
from cooperatives.errors import InvalidEntry, NotAllowedNow, Words
from cooperatives.models import ApprovedSupport, Cooperative, Placement
from cooperatives.workforce.acts import (
    EARLIEST_DECISION,
    enter_approved,
    enter_placement,
    placement_problems,
)
from cooperatives.workforce.limits import limits_in_words, placement_warnings
from cooperatives.workforce.months import first_day, tally_of
from cooperatives.workforce.rules import SupportRules
from cooperatives.workforce.support import dotted, support_at
from support_cases.choices import Status
from support_cases.support_types.base import CaseDetails, Hint, Milestone, NextCase, Problems, SupportType

#: Steps that bring the matter to its end, and the register to what the details say.
_ENDS = ("complete", "complete_partly")
_CONTRACT = ("person_label", "degree", "job", "started_on", "ends_on")
_TO_APPRAISE = _("Cơ quan chuyên môn thẩm định đề nghị của HTX.")
_TO_DECIDE = _("HTX chờ quyết định phê duyệt danh sách hỗ trợ.")
_TO_SIGN = _("HTX ký hợp đồng lao động và gửi một bản cho cán bộ.")
_TO_CONFIRM = _("HTX xác nhận ngày công sau mỗi tháng để được chi hỗ trợ.")
_LONGEST_REASON = Placement._meta.get_field("exception_note").max_length


class HumanResourcesDetails(CaseDetails):
    """The posts asked for, the decision that approved them and the contract that was signed.

    ``listed`` and ``placement`` are the rows of the register that completing the case wrote.
    """

    approved = models.ForeignKey(
        ApprovedSupport,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Dòng trong danh sách phê duyệt"),
        help_text=_("Bỏ trống nếu chưa có; hồ sơ hoàn thành có số quyết định sẽ tự ghi vào danh sách."),
    )
    job = models.CharField(_("Vị trí công việc"), max_length=12, choices=Job.choices, blank=True)
    posts = models.PositiveSmallIntegerField(
        _("Số người đề nghị"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(50)],
    )
    decision_no = models.CharField(_("Số quyết định phê duyệt"), max_length=60, blank=True)
    decision_on = models.DateField(_("Ngày quyết định"), null=True, blank=True)
    person_label = models.CharField(
        _("Lao động (ký hiệu)"),
        max_length=60,
        blank=True,
        help_text=_("Ký hiệu để phân biệt, không ghi họ tên."),
    )
    degree = models.CharField(_("Trình độ"), max_length=14, choices=Degree.choices, blank=True)
    major = models.CharField(_("Chuyên ngành"), max_length=120, blank=True)
    contract_no = models.CharField(_("Số hợp đồng"), max_length=60, blank=True)
    started_on = models.DateField(_("Hợp đồng từ ngày"), null=True, blank=True)
    ends_on = models.DateField(_("Hợp đồng đến ngày"), null=True, blank=True)
    listed = models.ForeignKey(
        ApprovedSupport, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    placement = models.ForeignKey(
        Placement, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = _("chi tiết hỗ trợ nguồn nhân lực")
        verbose_name_plural = _("chi tiết hỗ trợ nguồn nhân lực")

    @property
    def is_decided(self) -> bool:
        """Whether a decision is named: a line of the list, or its number and day."""
        return self.approved_id is not None or bool(self.decision_no and self.decision_on)

    @property
    def contract_gaps(self) -> list[Words]:
        """The columns still missing for a placement; all of them where no contract is named at all."""
        return [self._meta.get_field(name).verbose_name for name in _CONTRACT if not getattr(self, name)]


class HumanResources(SupportType):
    """Support under Circular 124/2021/TT-BTC and the province's own resolution."""

    code = "human_resources"
    position = 70
    label = _("Hỗ trợ nguồn nhân lực")
    public_label = _("Hỗ trợ nguồn nhân lực")
    details = HumanResourcesDetails
    milestones = (
        Milestone("proposed", _("HTX đề nghị"), _("HTX đã đề nghị hỗ trợ nhân lực"), next_step=_TO_APPRAISE),
        Milestone("appraised", _("Thẩm định"), _("Đề nghị đang được thẩm định"), next_step=_TO_DECIDE),
        Milestone("decided", _("Có quyết định"), _("Đã có quyết định hỗ trợ nhân lực"), next_step=_TO_SIGN),
        Milestone("contracted", _("Đã ký hợp đồng"), _("Đã ký hợp đồng lao động"), next_step=_TO_CONFIRM),
        Milestone("supporting", _("Đang hỗ trợ hằng tháng"), _("Đang được hỗ trợ hằng tháng"), next_step=_TO_CONFIRM),
    )
    stages = {Status.SUBMITTED: _("Đã gửi đề nghị phê duyệt")}
    next_steps = {Status.SUBMITTED: _("Cơ quan có thẩm quyền xem xét danh sách hỗ trợ.")}

    def limit(self, name: str, party):
        """Return the lines of the approved list for the cooperative; none for a founding group."""
        if name != "approved":
            return None
        return party.approved_support.all() if isinstance(party, Cooperative) else ApprovedSupport.objects.none()

    def check(self, case, details, today: date) -> Problems:
        """Return impossible days, and a decision that is not the one of the line chosen."""
        problems: Problems = {}
        if details.decision_on and not EARLIEST_DECISION <= details.decision_on <= today:
            problems["decision_on"] = [_("Ngày quyết định không thể ở tương lai hay quá xa trong quá khứ.")]
        chosen = details.approved if details.approved_id != details.listed_id else None
        if chosen and details.decision_no and details.decision_no != chosen.decision_no:
            problems["decision_no"] = [_("Số quyết định khác với dòng đã chọn trong danh sách.")]
        if not details.contract_gaps and (found := _contract_problems(case, details)):
            names = {column.name for column in self.detail_fields()}
            for name, said in found.items():
                problems.setdefault(name if name in names else "ends_on", []).extend(said)
        elif details.started_on and details.ends_on and details.ends_on <= details.started_on:
            problems["ends_on"] = [_("Ngày kết thúc phải sau ngày bắt đầu.")]
        return problems

    def problems_before(self, step: str, case, day: date) -> list[Words]:
        """Forbid a stop that nothing on the case bears out, and an end before its own decision."""
        details = case.details
        if step == "decided" and not (details and details.is_decided):
            return [_("Ghi số và ngày quyết định, hoặc chọn dòng trong danh sách phê duyệt trước.")]
        if step == "contracted" and (not details or details.contract_gaps):
            return [_("Ghi đủ thông tin hợp đồng lao động trước.")]
        if step not in _ENDS or details is None or not isinstance(case.party, Cooperative):
            return []
        if details.is_decided and details.decision_on and details.decision_on > day:
            return [_("Quyết định có ngày sau ngày hoàn thành hồ sơ.")]
        if details.contract_gaps:
            return []
        return [words for said in _contract_problems(case, details).values() for words in said]

    def warnings_before(self, step: str, case, day: date) -> list[Words]:
        """Return which limits of the programme the contract goes over."""
        return _limits_passed(case) if step in _ENDS else []

    def after(self, step: str, case, *, day: date, by) -> Sequence[NextCase]:
        """Write the line of the approved list and the placement; a case completed again changes the same rows."""
        details = case.details
        if step not in _ENDS or details is None or not isinstance(case.party, Cooperative):
            return ()
        try:
            _write_line(case, details, by=by, day=day)
            _write_placement(case, details)
        except InvalidEntry as refusal:
            # Somebody changed the register since the problems were asked for.
            raise NotAllowedNow([words for said in refusal.problems.values() for words in said]) from refusal
        details.save()
        return ()

    def guidance(self, case, day: date) -> list[Hint]:
        """Return the limits of the programme, what the first month is worth, and what the register lacks."""
        details = case.details
        if not isinstance(case.party, Cooperative):
            return [Hint(_("Hỗ trợ nhân lực chỉ ghi vào sổ cho HTX đã thành lập."), "warn")]
        rules = SupportRules.load()
        of_the_office = _("Quy định do cơ quan nhập, cần đối chiếu với văn bản của tỉnh.")
        hints = [Hint(limits_in_words(rules, case.event_on), source=of_the_office), _first_month(case, details, rules)]
        if details is None or not details.is_decided:
            hints.append(Hint(_("Chưa ghi quyết định phê duyệt nên danh sách không thay đổi khi hoàn thành."), "warn"))
        if details is None or details.contract_gaps:
            names = ", ".join(str(name) for name in (details.contract_gaps if details else ())) or "–"
            hints.append(Hint(_("Chưa ghi lao động vào sổ khi hoàn thành, còn thiếu: %(names)s.") % {"names": names}))
        return hints + [Hint(words, "warn") for words in _limits_passed(case)]

    def facts(self, case, day: date) -> list[tuple[Words, Words]]:
        """Return what is supported at the cooperative on ``day``, and the months of the contract."""
        if not isinstance(case.party, Cooperative):
            return []
        now = case.party.placements.running_on(day).count()
        found: list[tuple[Words, Words]] = [(_("Đang được hỗ trợ tại HTX"), _("%(count)s người") % {"count": now})]
        details = case.details
        if details and not details.contract_gaps:
            tally = tally_of(_planned(case, details), SupportRules.load())
            words = {"count": len(tally.months), "supported": len(tally.supported)}
            found.append((_("Tháng của hợp đồng"), _("%(count)s, được hỗ trợ %(supported)s") % words))
        return found


def _planned(case, details: HumanResourcesDetails) -> Placement:
    """Return the placement the contract of a case makes or changes, unsaved; all of its columns are there."""
    there = (
        details.placement
        or Placement.objects.filter(
            cooperative=case.cooperative, person_label=details.person_label, started_on=details.started_on
        ).first()
    )
    placement = there or Placement(cooperative=case.cooperative)
    for name in (*_CONTRACT, "major", "contract_no"):
        setattr(placement, name, getattr(details, name))
    placement.approved = details.approved or placement.approved
    return placement


def _contract_problems(case, details: HumanResourcesDetails) -> Problems:
    """Return what the register cannot take of the contract, by column; nothing for a founding group."""
    if not isinstance(case.party, Cooperative):
        return {}
    return placement_problems(_planned(case, details), SupportRules.load())


def _limits_passed(case) -> list[Words]:
    """Return which limits the contract of the case goes over; none while it is not filled in."""
    details = case.details
    if details is None or details.contract_gaps or not isinstance(case.party, Cooperative):
        return []
    return placement_warnings(_planned(case, details), SupportRules.load())


def _write_line(case, details: HumanResourcesDetails, *, by, day: date) -> None:
    """Bring the approved list to what the case says: its own line, or one that is there already."""
    of_another = details.approved_id is not None and details.approved_id != details.listed_id
    if of_another or not (details.decision_no and details.decision_on):
        return
    line = details.listed
    if line is None:
        there = case.cooperative.approved_support.filter(decision_no=details.decision_no, job=details.job).first()
        if there:
            details.approved = there
            return
        source = _("Hồ sơ %(reference)s") % {"reference": case.reference}
        line = ApprovedSupport(cooperative=case.cooperative, source=str(source))
    line.decision_no, line.decided_on = details.decision_no, details.decision_on
    line.job, line.posts, line.valid_from = details.job, details.posts or 1, details.decision_on
    details.listed = enter_approved(line, by=by, today=day)
    details.approved = line


def _write_placement(case, details: HumanResourcesDetails) -> None:
    """Write the contract into the register; the reason given with the step stands for going over a limit."""
    if details.contract_gaps:
        return
    placement = _planned(case, details)
    placement.exception_note = placement.exception_note or case.outcome_reason[:_LONGEST_REASON]
    details.placement = enter_placement(placement)


def _first_month(case, details: HumanResourcesDetails | None, rules: SupportRules) -> Hint:
    """Return what the first month of the contract, or the month of the matter, is worth and why."""
    month = first_day((details and details.started_on) or case.event_on)
    granted = details.approved.monthly_amount if details and details.approved else None
    support = support_at(case.cooperative, month, rules, granted)
    if support.amount is None:
        return Hint(support.basis, "warn")
    words = {"month": f"{month:%m/%Y}", "amount": dotted(support.amount), "basis": support.basis}
    if support.provisional:
        text = _("Hỗ trợ tháng %(month)s: %(amount)s đ. %(basis)s Tạm tính theo vùng cao nhất của các xã gộp.")
        return Hint(text % words, "warn", support.source)
    return Hint(_("Hỗ trợ tháng %(month)s: %(amount)s đ. %(basis)s") % words, source=support.source)
