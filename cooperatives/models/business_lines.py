"""Business lines of cooperatives, keyed by the version of the national classification (VSIC)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import Confidence
from cooperatives.models.cooperative import Cooperative
from cooperatives.models.dated import DatedQuerySet, ends_after_it_starts
from cooperatives.text import search_key


class VsicVersion(models.TextChoices):
    """Versions of the classification: Decision 27/2018/QĐ-TTg; Decision 36/2025/QĐ-TTg from 15/11/2025."""

    V2018 = "2018", _("VSIC 2018")
    V2025 = "2025", _("VSIC 2025")


class VsicLine(models.Model):
    """A level-4 line of the classification; the same digits can mean different things in two versions."""

    version = models.CharField(_("Phiên bản"), max_length=4, choices=VsicVersion.choices)
    code = models.CharField(_("Mã"), max_length=5)
    name_vi = models.CharField(_("Tên"), max_length=200)
    name_en = models.CharField(_("Tên tiếng Anh"), max_length=200, blank=True)
    confidence = models.CharField(
        _("Mức tin cậy"), max_length=2, choices=Confidence.choices, default=Confidence.CONFIRMED
    )
    search_key = models.CharField(max_length=500, editable=False, default="")

    class Meta:
        verbose_name = _("ngành, nghề (VSIC)")
        verbose_name_plural = _("ngành, nghề (VSIC)")
        ordering = ["version", "code"]
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="cooperatives_vsic_version_and_code"),
        ]

    def __str__(self):
        return f"{self.code} {self.name}"

    def save(self, *args, **kwargs):
        """Save with a fresh search key."""
        self.refresh_keys()
        super().save(*args, **kwargs)

    def refresh_keys(self):
        """Rebuild the search key; bulk inserts call this themselves."""
        self.search_key = search_key(self.code, self.name_vi)

    @property
    def name(self) -> str:
        """The name in the language of the reader."""
        return self.name_en if self.name_en and get_language() == "en" else self.name_vi


class BusinessLine(models.Model):
    """One line a cooperative has registered or notified, over the time it was in force.

    Where ``detail`` is written, the detail is what is registered (Decree 92/2024, Article 13).
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
