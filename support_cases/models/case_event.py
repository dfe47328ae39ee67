"""The history of a case: one row for each step."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cooperatives.models.choice_words import ChoiceWords
from support_cases.choices import Status
from support_cases.models.case import Case


class CaseEvent(ChoiceWords):
    """One step taken in a case; rows are only ever added.

    ``effective_on`` is the day the step counts for, ``recorded_at`` the moment it was typed. ``officer`` and
    ``due_on`` are those of the case as the step left it, so that reports can be rebuilt whatever happened later.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="events", verbose_name=_("Hồ sơ"))
    step = models.CharField(_("Bước"), max_length=24)
    from_status = models.CharField(_("Từ trạng thái"), max_length=20, choices=Status.choices, blank=True)
    to_status = models.CharField(_("Sang trạng thái"), max_length=20, choices=Status.choices)
    note = models.TextField(_("Ghi chú"), blank=True)
    # Nobody where the portal itself noticed something, such as an answer that is late.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Người thực hiện"),
    )
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Cán bộ phụ trách"),
    )
    due_on = models.DateField(_("Hạn xử lý"), null=True, blank=True)
    effective_on = models.DateField(_("Ngày"))
    recorded_at = models.DateTimeField(_("Ghi lúc"))

    class Meta:
        verbose_name = _("lịch sử hồ sơ")
        verbose_name_plural = _("lịch sử hồ sơ")
        ordering = ["case_id", "pk"]
        indexes = [
            models.Index(fields=["effective_on", "case"], name="case_event_by_day"),
            models.Index(fields=["recorded_at", "case"], name="case_event_by_recording"),
        ]

    def __str__(self):
        return f"{self.case_id} {self.step} {self.effective_on:%d/%m/%Y}"
