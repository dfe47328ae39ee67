"""The appointment a consultation ended with."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from support_cases.models.consultation import Consultation


class FollowUp(models.Model):
    """The appointment a consultation ended with; open until it is done or cancelled."""

    consultation = models.OneToOneField(
        Consultation, on_delete=models.CASCADE, related_name="follow_up", verbose_name=_("Lần tư vấn")
    )
    due_on = models.DateField(_("Hẹn ngày"))
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="follow_ups",
        verbose_name=_("Cán bộ"),
    )
    done_on = models.DateField(_("Đã làm ngày"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Người hoàn thành"),
    )

    class Meta:
        verbose_name = _("hẹn làm việc tiếp")
        verbose_name_plural = _("hẹn làm việc tiếp")
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(done_on__isnull=True), name="follow_up_open_by_day"),
            models.Index(
                fields=["officer", "due_on"],
                condition=Q(done_on__isnull=True),
                name="follow_up_open_by_officer",
            ),
        ]

    def __str__(self):
        return f"{self.due_on:%d/%m/%Y}"
