"""Periods whose figures the office has declared final, and the rows behind these figures."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from support_cases.models.reported_months import ReportedMonths


class ClosingQuerySet(models.QuerySet):
    """Questions about many closings."""

    def standing(self, moment: datetime | None = None):
        """Closings that stood just before ``moment``, reopened since or not; None means now."""
        if moment is None:
            return self.filter(reopened_at__isnull=True)
        return self.filter(Q(reopened_at__isnull=True) | Q(reopened_at__gte=moment), closed_at__lt=moment)


class Closing(ReportedMonths):
    """One period whose figures were reported upstairs and are final, with these figures.

    ``figures`` holds the figures of every report by its code, ``names`` what units and officers were called and
    the rule of each report, ``digest`` the SHA-256 of all this with the period; see ``support_cases.closings``.
    Counted is what was known just before ``closed_at``. Reopened, the row stays with who did so and why; closing
    again writes a new row.

    A row without digest is closed like any other, and its figures are still to be counted: until they are kept,
    everybody who asks for them has them counted as known at ``closed_at``. Whoever counts them has the row until
    ``leased_until``; ``reports_counted`` tells how far that is.
    """

    closed_at = models.DateTimeField(_("Chốt lúc"), editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        editable=False,
        related_name="+",
        verbose_name=_("Người chốt"),
    )
    figures = models.JSONField(_("Số liệu"), default=dict, editable=False)
    names = models.JSONField(_("Tên gọi"), default=dict, editable=False)
    digest = models.CharField(_("Mã kiểm"), max_length=64, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    reports_counted = models.PositiveSmallIntegerField(default=0, editable=False)
    reopened_at = models.DateTimeField(_("Mở lại lúc"), null=True, editable=False)
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("Người mở lại"),
    )
    reopen_reason = models.CharField(_("Lý do mở lại"), max_length=200, blank=True, editable=False)

    objects = ClosingQuerySet.as_manager()

    class Meta:
        verbose_name = _("chốt số liệu")
        verbose_name_plural = _("chốt số liệu")
        ordering = ["calendar", "-last", "first", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "first", "last"],
                condition=Q(reopened_at__isnull=True),
                name="support_period_closed_once",
                violation_error_message=_("Kỳ này đã chốt."),
            ),
            models.CheckConstraint(condition=Q(first__lte=F("last")), name="support_closing_months_in_order"),
            models.CheckConstraint(
                condition=Q(reopened_at__isnull=True, reopened_by__isnull=True, reopen_reason="")
                | (Q(reopened_at__isnull=False, reopened_by__isnull=False) & ~Q(reopen_reason="")),
                name="support_reopened_with_reason",
                violation_error_message=_("Mở lại kỳ đã chốt phải có người mở và lý do."),
            ),
        ]


class KeptLists(models.Model):
    """The rows that stood behind the numbers of one report when its period was closed.

    Written for reports whose rows are written over when they change; a table of its own, so that nothing that asks
    for closings reads them. What ``content`` holds is said in ``support_cases.reports.kept_lists``.
    """

    closing = models.ForeignKey(
        Closing, on_delete=models.CASCADE, editable=False, related_name="lists", verbose_name=_("chốt số liệu")
    )
    report = models.CharField(_("Báo cáo"), max_length=20, editable=False)
    content = models.JSONField(_("Danh sách"), default=dict, editable=False)

    class Meta:
        verbose_name = _("danh sách lưu khi chốt")
        verbose_name_plural = _("danh sách lưu khi chốt")
        ordering = ["closing", "report"]
        constraints = [
            models.UniqueConstraint(fields=["closing", "report"], name="support_lists_once_a_report"),
        ]

    def __str__(self):
        return f"{self.closing_id} {self.report}"
