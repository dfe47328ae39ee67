"""Obligations on paper: the yearly update, the charter, the capital of a new cooperative."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import Case, DateField, Exists, F, OuterRef, Q, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cooperatives.calendar import add_months
from cooperatives.choices import CharterReview, ObligationKind
from cooperatives.governance.duty import WITH_CONGRESS, Duty, Scene, constant, nobody, spoken
from cooperatives.governance.lawbook import Deadline
from cooperatives.models import AnnualUpdate


class AnnualUpdateDuty(Duty):
    """A cooperative sends its information to the registrar once a year, also an unincorporated one."""

    kind = ObligationKind.ANNUAL_UPDATE
    advice = gettext_lazy("Gửi bản cập nhật thông tin hằng năm cho cơ quan đăng ký kinh doanh.")
    rule_key = "annual_update.due"

    def bound(self, cooperatives, scene):
        """Return all; the anchor is the day of the nearest update that is not noted as sent."""
        days = self._days(scene)
        cases = []
        for day in days:
            sent = AnnualUpdate.objects.filter(cooperative=OuterRef("pk"), year=day.year)
            owed = ~Exists(sent) & (Q(registered_on__isnull=True) | Q(registered_on__lt=day))
            cases.append(When(owed, then=constant(day)))
        return cooperatives.annotate(anchor_on=Case(*cases, output_field=DateField())).filter(anchor_on__isnull=False)

    def _days(self, scene: Scene) -> Sequence[date]:
        """Return the days updates are due on, nearest first: the last one while it is no further than the next."""
        years = range(scene.today.year - 1, scene.today.year + 3)
        due = [day for year in years if (day := self._due(year, scene)) is not None]
        past = [day for day in due if day < scene.today]
        coming = [day for day in due if day >= scene.today][:2]
        near = past[-1:] if past and coming and scene.today - past[-1] < coming[0] - scene.today else []
        return [*near, *coming]

    def _due(self, year: int, scene: Scene) -> date | None:
        """Return the day of ``year`` by which the update is sent; None before there was such a rule."""
        rule = scene.book.rule(self.rule_key, date(year, 12, 31))
        try:
            month, day = (int(part) for part in (rule.value if rule else "").split("-"))
            return date(year, month, day)
        except ValueError:
            return None

    def deadline(self, anchor, scene):
        """The day the rule names."""
        return Deadline(anchor, anchor)

    def arithmetic(self, anchor, scene):
        """The year and the data it is about."""
        words = _("Gửi thông tin năm %(year)s, số liệu từ %(first)s đến %(last)s.")
        first, last = add_months(anchor, -12), anchor - timedelta(days=1)
        return words % {"year": anchor.year, "first": spoken(first), "last": spoken(last)}


class CharterDuty(Duty):
    """A charter older than the law is brought in line with it."""

    kind = ObligationKind.CHARTER_REVIEW
    advice = gettext_lazy("Rà soát điều lệ theo Luật Hợp tác xã 2023; chỗ nào trái luật thì đưa ra đại hội sửa.")
    rule_key = "charter.review_deadline"

    def bound(self, cooperatives, scene):
        """Return those founded before the law whose charter is not known to agree with it."""
        rule = self.rule(None, scene)
        if rule is None:
            return nobody(cooperatives)
        old = Q(registered_on__isnull=True) | Q(registered_on__lt=rule.valid_from)
        open_states = (CharterReview.NOT_REVIEWED, CharterReview.MUST_AMEND)
        rows = cooperatives.filter(old, kind__in=WITH_CONGRESS, charter_review__in=open_states)
        return rows.annotate(anchor_on=constant(rule.valid_from))

    def deadline(self, anchor, scene):
        """The day the rule names."""
        rule = self.rule(anchor, scene)
        try:
            day = date.fromisoformat(rule.value.strip() if rule else "")
        except ValueError:
            return None
        return Deadline(day, day)

    def arithmetic(self, anchor, scene):
        """Since when and until when."""
        words = _("Luật mới có hiệu lực từ %(start)s, điều lệ trái luật phải sửa; sổ chưa ghi HTX đã rà soát xong.")
        return words % {"start": spoken(anchor)}


class Capital(Duty):
    """The members of a new cooperative pay in the charter capital within some months of the certificate."""

    kind = ObligationKind.CAPITAL
    advice = gettext_lazy("Thành viên góp đủ số vốn đã cam kết; góp xong thì báo tổ công tác ghi vào sổ.")
    rule_key = "capital.pay_in_months"

    def bound(self, cooperatives, scene):
        """Return those registered under a rule that asks for it, not noted as paid in."""
        spans = [
            Q(registered_on__gte=rule.valid_from, registered_on__lte=rule.valid_to or scene.today)
            for rule in scene.book.rules.get(self.rule_key, ())
        ]
        if not spans:
            return nobody(cooperatives)
        under = spans[0]
        for span in spans[1:]:
            under |= span
        rows = cooperatives.filter(under, kind__in=WITH_CONGRESS, capital_paid_on__isnull=True)
        return rows.annotate(anchor_on=F("registered_on"))

    def deadline(self, anchor, scene):
        """Some months after the certificate."""
        months = scene.book.number(self.rule_key, anchor)
        return None if months is None else scene.book.after_months(anchor, months)

    def arithmetic(self, anchor, scene):
        """The certificate and the months."""
        words = _("Cấp giấy chứng nhận ngày %(day)s, góp đủ vốn trong %(months)s tháng.")
        return words % {"day": spoken(anchor), "months": scene.book.number(self.rule_key, anchor)}


class CapitalAgain(Capital):
    """Capital that was not all paid in by then is registered anew within some days more."""

    kind = ObligationKind.CAPITAL_AGAIN
    advice = gettext_lazy("Nếu còn người chưa góp đủ, đăng ký lại vốn điều lệ theo số vốn thực góp.")
    _PAY_IN = Capital()
    again_key = "capital.reregister_days"

    def bound(self, cooperatives, scene):
        """Return those whose term to pay in is over."""
        rows = self._PAY_IN.bound(cooperatives, scene)
        over = self._last_over(scene)
        return rows.filter(registered_on__lte=over) if over else nobody(rows)

    def _last_over(self, scene: Scene) -> date | None:
        """Return the last day of registration whose term to pay in is over today; terms never end in reverse order."""
        day = scene.today
        for _try in range(800):
            end = self._PAY_IN.deadline(day, scene)
            if end is not None and end.last_day < scene.today:
                return day
            day -= timedelta(days=1)
        return None

    def rule(self, anchor, scene):
        """Return the rule that sets the days after the term to pay in."""
        return scene.book.rule(self.again_key, anchor or scene.today)

    def deadline(self, anchor, scene):
        """Some days after the last day to pay in."""
        paid_by = self._PAY_IN.deadline(anchor, scene)
        days = scene.book.number(self.again_key, anchor)
        return None if paid_by is None or days is None else scene.book.after_days(paid_by.last_day, days)

    def arithmetic(self, anchor, scene):
        """The end of the term to pay in and the days."""
        paid_by = self._PAY_IN.deadline(anchor, scene)
        words = _("Hạn góp vốn hết ngày %(day)s; nếu thiếu, đăng ký lại vốn trong %(days)s ngày.")
        days = scene.book.number(self.again_key, anchor)
        return words % {"day": spoken(paid_by.last_day) if paid_by else "", "days": days}
