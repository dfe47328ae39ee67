"""Drafts of the reports on periods that ended."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from support_cases.models.reported_months import ReportedMonths


class PeriodDraft(ReportedMonths):
    """The draft report the portal made when a period had ended; the leaders are told of it.

    ``figures`` and ``digest`` are as in a closing; ``doubts`` is how many things looked wrong.
    """

    made_at = models.DateTimeField(_("Lập lúc"))
    figures = models.JSONField(_("Số liệu"), default=dict)
    names = models.JSONField(_("Tên gọi"), default=dict)
    digest = models.CharField(_("Mã kiểm"), max_length=64)
    doubts = models.PositiveIntegerField(_("Số điểm cần xem lại"), default=0)

    class Meta:
        verbose_name = _("báo cáo dự thảo")
        verbose_name_plural = _("báo cáo dự thảo")
        ordering = ["calendar", "-last", "first"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "first", "last"], name="support_period_drafted_once"),
        ]
