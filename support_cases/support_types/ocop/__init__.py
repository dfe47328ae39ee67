"""Taking part in the OCOP programme with a product, from the idea to the decision of the council."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from cooperatives.errors import Words
from cooperatives.models import OcopProduct
from cooperatives.ocop import STARS, rules_on
from cooperatives.ocop_choices import RatingLevel
from support_cases.choices import Status
from support_cases.support_types.base import Milestone, SupportType
from support_cases.support_types.ocop.details import Cycle, OcopDetails, details_problems
from support_cases.support_types.ocop.results import owner_of, register_problems, write_decision
from support_cases.support_types.ocop.words import facts_of, guidance_for, last_days, points, rules_of

_PREPARING = frozenset({Status.ADVISING})
_HANDED_IN = frozenset({Status.SUBMITTED, Status.WAITING_RESULT})
#: The stop at which the dossier leaves the cooperative.
_COMMUNE = "ocop_commune"
_COUNCILS = {
    "ocop_district": RatingLevel.DISTRICT,
    "ocop_province": RatingLevel.PROVINCE,
    "ocop_central": RatingLevel.CENTRAL,
}
_ENDINGS = ("complete", "complete_partly")
_FIRST_COUNCIL = "ocop_district"
_ANY_COUNCIL = Milestone("ocop_council", _("Hội đồng đánh giá"), _("Hội đồng đánh giá, phân hạng sản phẩm"), _HANDED_IN)


class Ocop(SupportType):
    """From the idea to the decision of the council."""

    code = "ocop"
    position = 40
    label = _("Tham gia OCOP")
    public_label = _("Tham gia OCOP")
    details = OcopDetails
    milestones = (
        Milestone("ocop_idea", _("Đăng ký ý tưởng"), _("HTX đăng ký ý tưởng sản phẩm"), _PREPARING,
                  _("HTX hoàn chỉnh ý tưởng và gửi cán bộ.")),
        Milestone("ocop_plan", _("Phương án sản xuất, kinh doanh"), _("HTX lập phương án sản xuất, kinh doanh"),
                  _PREPARING, _("HTX lập phương án sản xuất, kinh doanh sản phẩm.")),
        Milestone("ocop_product", _("Hoàn thiện sản phẩm"), _("Đang hoàn thiện sản phẩm và hồ sơ OCOP"), _PREPARING,
                  _("HTX hoàn thiện sản phẩm, bao bì, nhãn và giấy tờ chất lượng.")),
        Milestone("ocop_self_score", _("Tự đánh giá"), _("HTX tự đánh giá, chấm điểm sản phẩm"), _PREPARING,
                  _("HTX tự chấm điểm theo bộ tiêu chí rồi nộp hồ sơ lên xã.")),
        Milestone(_COMMUNE, _("Hồ sơ lên xã"), _("Xã kiểm tra hồ sơ"), _HANDED_IN,
                  _("Xã kiểm tra và chuyển hồ sơ lên hội đồng.")),
        Milestone("ocop_district", _("Hội đồng cấp huyện"), _("Hội đồng cấp huyện đánh giá, phân hạng"), _HANDED_IN,
                  _("Hội đồng cấp huyện chấm điểm và công bố kết quả.")),
        Milestone("ocop_province", _("Hội đồng cấp tỉnh"), _("Hội đồng cấp tỉnh đánh giá, phân hạng"), _HANDED_IN,
                  _("Hội đồng cấp tỉnh chấm điểm và công bố kết quả.")),
        Milestone("ocop_central", _("Hội đồng trung ương"), _("Hội đồng trung ương đánh giá, phân hạng"), _HANDED_IN,
                  _("Hội đồng trung ương chấm điểm và công bố kết quả.")),
        Milestone("ocop_decision", _("Quyết định và giấy chứng nhận"), _("Đã có quyết định phân hạng"), _HANDED_IN,
                  _("HTX nhận quyết định và giấy chứng nhận.")),
    )  # fmt: skip
    stages = {
        Status.ADVISING: _("Đang hoàn thiện sản phẩm và hồ sơ OCOP"),
        Status.SUBMITTED: _("Hồ sơ đã gửi hội đồng đánh giá"),
        Status.WAITING_RESULT: _("Chờ quyết định phân hạng"),
        Status.COMPLETED: _("Đã có kết quả phân hạng"),
    }
    next_steps = {
        Status.SUBMITTED: _("Hội đồng đánh giá, phân hạng sản phẩm."),
        Status.WAITING_RESULT: _("HTX nhận quyết định và giấy chứng nhận khi được công bố."),
    }

    # --- The way -----------------------------------------------------------------------------------

    def milestones_for(self, case):
        """Return the stops with the councils that, by the law of the case, decide on the stars it aims at."""
        rules = rules_of(case)
        way = rules.councils_on_the_way(case.details.target_stars if case.details else None)
        way = way if rules.levels else tuple(RatingLevel.values)
        return [stop for stop in self.milestones if _COUNCILS.get(stop.code) in (None, *way)]

    def way(self, case):
        """Return the stops the cooperative reads: of the councils the one reached, or else just that one is to come.

        Asks the database nothing, for lists show many cases.
        """
        reached = case.milestone if case.milestone in _COUNCILS else ""
        return [
            _ANY_COUNCIL if stop.code == _FIRST_COUNCIL and not reached else stop
            for stop in self.milestones
            if stop.code not in _COUNCILS or stop.code == (reached or _FIRST_COUNCIL)
        ]

    def milestone_of(self, case):
        """Return the stop reached; none for a dossier that came back and is being supplemented."""
        stop = super().milestone_of(case)
        came_back = stop is not None and case.status == Status.ADVISING and stop.statuses == _HANDED_IN
        return None if came_back else stop

    # --- Details -----------------------------------------------------------------------------------

    def limit(self, name, party):
        """Only products of the cooperative itself."""
        if name != "product":
            return None
        return OcopProduct.objects.filter(cooperative=owner_of(party))

    def check(self, case, details, today):
        """Judge the product, the points against the criteria of the case, the day, and the kind of cycle."""
        return details_problems(details, today) | rules_of(case).parts_problem(details.parts)

    # --- Steps -------------------------------------------------------------------------------------

    def problems_before(self, step, case, day):
        """Refuse a council the law gives no say, and a decision the register could not hold truthfully."""
        if step in _COUNCILS:
            return _council_problems(_COUNCILS[step], case, day)
        return register_problems(case) if step in _ENDINGS else []

    def warnings_before(self, step, case, day):
        """Warn of papers that will have expired on the day of handing in."""
        if step != "submit":
            return []
        return [
            _("%(paper)s hết hạn ngày %(last)s, trước ngày nộp hồ sơ.") % {"paper": paper, "last": f"{last:%d/%m/%Y}"}
            for paper, last in last_days(case)
            if last < day
        ]

    def after(self, step, case, *, day, by):
        """Keep the stop in step with the state; write the decision into the register when the case ends with one."""
        codes = [stop.code for stop in self.milestones]
        if step == "start" and not case.milestone and case.details and case.details.cycle:
            case.milestone = "ocop_idea" if case.details.cycle == Cycle.FIRST else "ocop_product"
        behind = case.milestone not in codes or codes.index(case.milestone) < codes.index(_COMMUNE)
        if step == "submit" and behind:
            case.milestone = _COMMUNE
        if step in _ENDINGS and case.details:
            write_decision(case, case.details)
        return []

    # --- The case page -----------------------------------------------------------------------------

    def guidance(self, case, day):
        """Lead an officer through criteria, councils, points and papers."""
        return guidance_for(case, day)

    def facts(self, case, day):
        """The criteria, the old stars beside the new, and how long the certificate lasts."""
        return facts_of(case)


def _council_problems(level: str, case, day: date) -> list[Words]:
    """Return why the council of ``level`` does not judge this product on ``day``, in words."""
    rules = rules_on(day)
    details = case.details
    target = details.target_stars if details else None
    words = {"day": f"{day:%d/%m/%Y}", "level": str(RatingLevel(level).label).lower(), "stars": target}
    if rules.levels and level not in rules.councils_on_the_way(target):
        right = rules.council_for(target)
        if right is None:
            return [_("Ngày %(day)s không có hội đồng %(level)s đánh giá OCOP.") % words]
        words["right"] = str(RatingLevel(right).label).lower()
        return [_("Ngày %(day)s sản phẩm %(stars)s sao do hội đồng %(right)s đánh giá, không phải %(level)s.") % words]
    least = rules.bands.get(STARS[-1])
    total = details.total if details else None
    if level == RatingLevel.CENTRAL and least is not None and total is not None and total < least:
        said = _("Chỉ đề nghị hội đồng trung ương khi đạt từ %(least)s điểm; đang ghi %(total)s điểm.")
        return [said % {"least": points(least), "total": points(total)}]
    return []


__all__ = ["Cycle", "Ocop", "OcopDetails"]
