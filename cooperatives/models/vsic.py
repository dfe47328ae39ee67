"""The national classification of activities (VSIC): its lines, how codes changed, which lines need a licence."""

from collections.abc import Collection
from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import Confidence
from cooperatives.models.cooperative import SearchableQuerySet
from cooperatives.models.dated import DatedQuerySet, EditedRow, ends_after_it_starts
from cooperatives.models.legal_rules import LegalRule
from cooperatives.text import search_key


class VsicVersion(models.TextChoices):
    """Versions of the classification: Decision 27/2018/QĐ-TTg; Decision 36/2025/QĐ-TTg from 15/11/2025."""

    V2018 = "2018", _("VSIC 2018")
    V2025 = "2025", _("VSIC 2025")


def version_on(day: date) -> str | None:
    """Return the version in force on ``day`` by the rule ``vsic.version``, or None where no rule says."""
    value = LegalRule.objects.value("vsic.version", day)
    return value if value in VsicVersion.values else None


class VsicLineQuerySet(SearchableQuerySet):
    """Questions about many lines."""

    def of_version(self, version: str | None):
        """Lines of one version; of all versions where none is named."""
        return self.filter(version=version) if version else self


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

    objects = VsicLineQuerySet.as_manager()

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
    def natural_key(self) -> str:
        """Version and code, which no other line has: ``2018/0131``."""
        return f"{self.version}/{self.code}"

    @property
    def name(self) -> str:
        """The name in the language of the reader."""
        return self.name_en if self.name_en and get_language() == "en" else self.name_vi


class VsicChange(EditedRow):
    """A line of one version that became this line of another one: a proposal, which a person confirms.

    Where a code went to several codes there are several rows. A code that means the same in both versions has
    no row. Source: the conversion table sent with Official Letter 3061/CTK-CSCL.
    """

    from_version = models.CharField(_("Từ phiên bản"), max_length=4, choices=VsicVersion.choices)
    from_code = models.CharField(_("Từ mã"), max_length=5)
    to_version = models.CharField(_("Sang phiên bản"), max_length=4, choices=VsicVersion.choices)
    to_code = models.CharField(_("Sang mã"), max_length=5)
    confidence = models.CharField(_("Mức tin cậy"), max_length=2, choices=Confidence.choices, default=Confidence.UNSURE)
    note = models.CharField(_("Ghi chú"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("thay đổi mã ngành")
        verbose_name_plural = _("thay đổi mã ngành")
        ordering = ["from_version", "from_code", "to_version", "to_code"]
        constraints = [
            models.UniqueConstraint(
                fields=["from_version", "from_code", "to_version", "to_code"],
                name="cooperatives_code_change_once",
                violation_error_message=_("Thay đổi mã này đã có trong bảng."),
            ),
            models.CheckConstraint(
                condition=~Q(from_version=models.F("to_version")),
                name="cooperatives_code_change_between_versions",
                violation_error_message=_("Hai phiên bản phải khác nhau."),
            ),
        ]

    def __str__(self):
        return f"{self.from_version} {self.from_code} → {self.to_version} {self.to_code}"


class ConditionalLineQuerySet(DatedQuerySet):
    """Questions about many conditions."""

    def notes(self, lines: Collection[VsicLine], day: date) -> dict[int, list[str]]:
        """Return for each of ``lines``, by its number, which licences it needs on ``day``, in one query."""
        rows = self.in_force(day).filter(code__in={line.code for line in lines})
        by_code: dict[tuple[str, str], list[str]] = {}
        for row in rows:
            by_code.setdefault((row.version, row.code), []).append(row.words)
        return {line.pk: by_code.get((line.version, line.code), []) for line in lines}


class ConditionalLine(EditedRow):
    """A line for which the law of its sector asks for a licence or a condition, over one span of time.

    Being registered is not a licence for a conditional line (Law 17/2023/QH15, Article 45).
    """

    version = models.CharField(_("Phiên bản"), max_length=4, choices=VsicVersion.choices)
    code = models.CharField(_("Mã"), max_length=5)
    licence = models.SlugField(_("Loại điều kiện"), max_length=40)
    note_vi = models.CharField(_("Giấy phép, điều kiện"), max_length=240)
    note_en = models.CharField(_("Giấy phép, điều kiện (tiếng Anh)"), max_length=240, blank=True)
    valid_from = models.DateField(_("Hiệu lực từ"))
    valid_to = models.DateField(_("Hiệu lực đến"), null=True, blank=True)
    legal_document = models.CharField(_("Văn bản"), max_length=160, blank=True)
    article = models.CharField(_("Điều khoản"), max_length=80, blank=True)
    confidence = models.CharField(_("Mức tin cậy"), max_length=2, choices=Confidence.choices, default=Confidence.UNSURE)

    objects = ConditionalLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("ngành, nghề có điều kiện")
        verbose_name_plural = _("ngành, nghề có điều kiện")
        ordering = ["version", "code", "licence", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "code", "licence", "valid_from"],
                name="cooperatives_condition_once_per_start",
                violation_error_message=_("Điều kiện này đã có từ ngày đó."),
            ),
            ends_after_it_starts("cooperatives_condition_ends_after_it_starts"),
        ]

    def __str__(self):
        return f"{self.version} {self.code} {self.licence}"

    @property
    def words(self) -> str:
        """The condition in the language of the reader, with its document where one is known."""
        note = self.note_en if self.note_en and get_language() == "en" else self.note_vi
        source = ", ".join(filter(None, (self.legal_document, self.article)))
        return f"{note} ({source})" if source else note
