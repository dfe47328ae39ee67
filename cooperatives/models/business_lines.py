"""Business lines of cooperatives over time, and the changes of the list that began and ended them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cooperatives.models.cooperative import Cooperative
from cooperatives.models.dated import DatedQuerySet, ends_after_it_starts
from cooperatives.models.vsic import VsicLine


class ListRevision(models.Model):
    """One change of a cooperative's list of lines: when it took effect, on what basis, who recorded it.

    Old lines end the day before ``changed_on``, new ones begin on it.
    """

    cooperative = models.ForeignKey(
        Cooperative, on_delete=models.CASCADE, related_name="list_revisions", verbose_name=_("HTX")
    )
    changed_on = models.DateField(_("Hiệu lực từ"))
    legal_basis = models.CharField(_("Căn cứ"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("Người ghi")
    )
    recorded_at = models.DateTimeField(_("Ghi lúc"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("lần thay đổi ngành, nghề")
        verbose_name_plural = _("lần thay đổi ngành, nghề")
        ordering = ["cooperative", "-changed_on", "-pk"]

    def __str__(self):
        return f"{self.changed_on:%d/%m/%Y} {self.legal_basis}"


class BusinessLine(models.Model):
    """One line a cooperative has registered or notified, over the time it was in force.

    Where ``detail`` is written, the detail is what is registered (Decree 92/2024, Article 13). ``begun_by`` and
    ``ended_by`` name the change that did it, where it was recorded as one.
    """

    cooperative = models.ForeignKey(
        Cooperative, on_delete=models.CASCADE, related_name="business_lines", verbose_name=_("HTX")
    )
    line = models.ForeignKey(VsicLine, on_delete=models.PROTECT, related_name="+", verbose_name=_("Ngành, nghề"))
    detail = models.CharField(_("Chi tiết"), max_length=300, blank=True)
    is_main = models.BooleanField(_("Ngành chính"), default=False)
    valid_from = models.DateField(_("Từ ngày"))
    valid_to = models.DateField(_("Đến ngày"), null=True, blank=True)
    legal_basis = models.CharField(_("Căn cứ"), max_length=200, blank=True)
    begun_by = models.ForeignKey(
        ListRevision, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="begun"
    )
    ended_by = models.ForeignKey(
        ListRevision, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="ended"
    )

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("ngành, nghề của HTX")
        verbose_name_plural = _("ngành, nghề của HTX")
        ordering = ["-is_main", "line__code", "pk"]
        constraints = [
            ends_after_it_starts("cooperatives_line_ends_after_it_starts"),
            models.UniqueConstraint(
                fields=["cooperative", "line", "detail"],
                condition=Q(valid_to__isnull=True),
                name="cooperatives_no_line_twice_in_force",
                violation_error_message=_("Ngành, nghề này đang có trong danh sách."),
            ),
            models.UniqueConstraint(
                fields=["cooperative"],
                condition=Q(is_main=True, valid_to__isnull=True),
                name="cooperatives_one_main_line",
                violation_error_message=_("HTX đã có một ngành chính."),
            ),
        ]

    def __str__(self):
        return f"{self.line} ({self.detail})" if self.detail else str(self.line)

    @property
    def natural_key(self) -> str:
        """What tells the rows of one cooperative apart at any time: ``2018/0131/Ươm chè``."""
        return f"{self.line.natural_key}/{self.detail}"
