"""Obligations to meet: the new term, the year, and the risk of not meeting at all."""

from django.db.models import Case, DateField, Min, OuterRef, Q, Subquery, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cooperatives.choices import ObligationKind
from cooperatives.governance.congress_rules import annual_deadline, last_year_end, year_end
from cooperatives.governance.duty import WITH_CONGRESS, Duty, Scene, constant, nobody, spoken
from cooperatives.governance.lawbook import Deadline
from cooperatives.models import Congress, Term

# The year of most ends in December, so that is asked first.
_MONTHS = (12, *range(1, 12))


class TermEnd(Duty):
    """The members elect anew before the term ends; of several bodies the one whose term ends first."""

    kind = ObligationKind.TERM_END
    advice = gettext_lazy(
        "Họp đại hội bầu Hội đồng quản trị, giám đốc, Ban kiểm soát khóa mới trước ngày hết nhiệm kỳ."
    )
    rule_key = "congress.term_max_years"
    may_be_unknown = True

    def bound(self, cooperatives, scene):
        """Return all that have bodies to elect."""
        last = Term.objects.latest().filter(cooperative=OuterRef("pk")).values("cooperative")
        ends = last.annotate(first=Min("ends_on")).values("first")
        return cooperatives.filter(kind__in=WITH_CONGRESS).annotate(anchor_on=Subquery(ends))

    def deadline(self, anchor, scene):
        """The last day of the term: nobody holds an office for longer because of a day off."""
        return Deadline(anchor, anchor)

    def arithmetic(self, anchor, scene):
        """The last day of the term."""
        if anchor is None:
            return _("Chưa ghi nhiệm kỳ nào.")
        return _("Nhiệm kỳ hiện tại hết ngày %(end)s.") % {"end": spoken(anchor)}


class AnnualCongress(Duty):
    """The members meet within some months of the end of each financial year."""

    kind = ObligationKind.ANNUAL_CONGRESS
    advice = gettext_lazy("Họp đại hội thành viên thường niên, báo cáo kết quả năm và phương án phân phối thu nhập.")
    rule_key = "congress.annual_months"

    def bound(self, cooperatives, scene):
        """Return all that meet yearly; the year not met for yet, else the one that runs."""
        rows = cooperatives.filter(kind__in=WITH_CONGRESS).annotate(met_on=_last_meeting(scene))
        cases = []
        for month in _MONTHS:
            ended = last_year_end(month, scene.today)
            # The cheap questions first: the last meeting has to be looked up.
            own, settled = Q(fiscal_year_end_month=month), Q(registered_on__gt=ended) | Q(met_on__gt=ended)
            cases.append(When(own & settled, then=constant(year_end(month, ended.year + 1))))
            cases.append(When(own, then=constant(ended)))
        return rows.annotate(anchor_on=Case(*cases, output_field=DateField()))

    def deadline(self, anchor, scene):
        """Some months after the year, by the law in force when it ended."""
        return annual_deadline(scene.book, anchor)

    def arithmetic(self, anchor, scene):
        """The year's end and the months."""
        months = scene.book.number(self.rule_key, anchor)
        words = _("Năm tài chính kết thúc ngày %(end)s, phải họp trong %(months)s tháng.")
        return words % {"end": spoken(anchor), "months": months}


class Revocation(Duty):
    """A cooperative that does not meet for long enough may lose its certificate."""

    kind = ObligationKind.REVOCATION
    advice = gettext_lazy(
        "Họp đại hội thành viên và báo cho tổ công tác ngày họp, để không bị thu hồi giấy chứng nhận."
    )
    rule_key = "congress.revocation_months"
    may_be_unknown = True

    def bound(self, cooperatives, scene):
        """Return all that meet yearly, with the last meeting known."""
        rows = cooperatives.filter(kind__in=WITH_CONGRESS)
        return rows.annotate(anchor_on=_last_meeting(scene)) if self.rule(None, scene) else nobody(rows)

    def rule(self, anchor, scene):
        """Return the rule of today: the risk is one of today, however long ago the members met."""
        return scene.book.rule(self.rule_key, scene.today)

    def deadline(self, anchor, scene):
        """So many months after the meeting. It is no term to do something within, so days off do not matter."""
        rule = self.rule(anchor, scene)
        if rule is None or rule.whole is None:
            return None
        end = scene.book.after_months(anchor, rule.whole).ends_on
        return Deadline(end, end)

    def arithmetic(self, anchor, scene):
        """The last meeting and the months."""
        if anchor is None:
            return _("Chưa ghi đại hội nào.")
        rule = self.rule(anchor, scene)
        words = _("Đại hội gần nhất ngày %(day)s; %(months)s tháng liên tục không họp thì có thể bị thu hồi.")
        return words % {"day": spoken(anchor), "months": rule.whole if rule else ""}


def _last_meeting(scene: Scene) -> Subquery:
    """Return the day of the last meeting that counts as a yearly one, up to today."""
    held = Congress.objects.yearly().filter(cooperative=OuterRef("pk"), held_on__lte=scene.today)
    return Subquery(held.order_by("-held_on").values("held_on")[:1])
