"""People placed at cooperatives by the human-resource support programme 2022–2025."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import Degree, Job
from cooperatives.models.cooperative import Cooperative


class PlacementQuerySet(models.QuerySet):
    """Questions about many placements."""

    def running_on(self, day: date):
        """Placements whose contract runs on ``day``."""
        return self.filter(started_on__lte=day, ends_on__gte=day)


class Placement(models.Model):
    """One supported person at one cooperative; the person is a label, not an identity.

    The programme needs the degree and the work, not who it is (data minimisation, Law 91/2025/QH15).
    """

    cooperative = models.ForeignKey(
        Cooperative, on_delete=models.CASCADE, related_name="placements", verbose_name=_("HTX")
    )
    person_label = models.CharField(_("Lao động (ký hiệu)"), max_length=60)
    degree = models.CharField(_("Trình độ"), max_length=14, choices=Degree.choices)
    major = models.CharField(_("Chuyên ngành"), max_length=120, blank=True)
    job = models.CharField(_("Công việc"), max_length=12, choices=Job.choices)
    contract_no = models.CharField(_("Số hợp đồng"), max_length=60, blank=True)
    started_on = models.DateField(_("Bắt đầu"))
    ends_on = models.DateField(_("Kết thúc"))

    objects = PlacementQuerySet.as_manager()

    class Meta:
        verbose_name = _("lao động được hỗ trợ")
        verbose_name_plural = _("lao động được hỗ trợ")
        ordering = ["-started_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cooperative", "person_label", "started_on"],
                name="cooperatives_one_placement_per_start",
                violation_error_message=_("Đã có hợp đồng của lao động này bắt đầu ngày này."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("started_on")),
                name="cooperatives_placement_ends_after_it_starts",
                violation_error_message=_("Ngày kết thúc phải sau ngày bắt đầu."),
            ),
        ]

    def __str__(self):
        return f"{self.person_label} ({self.get_job_display()})"
