"""The agencies the office works with, each over the span of time it was there under its name."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import AgencyKind
from cooperatives.models.choice_words import ChoiceWords
from cooperatives.models.cooperative import PHONE_SHAPE, SearchableQuerySet
from cooperatives.models.dated import DatedQuerySet, EditedRow, LegalText, ends_after_it_starts
from cooperatives.models.territory import AdminUnit
from cooperatives.text import nfc, search_key


class AgencyQuerySet(SearchableQuerySet, DatedQuerySet):
    """Questions about many agencies."""

    def of_kind(self, kind: str):
        """Agencies of one kind."""
        return self.filter(kind=kind)


class Agency(LegalText, ChoiceWords, EditedRow):
    """One agency as it was called over one span of time; ``code`` names the row for good.

    ``unit`` is its area and empty where the area is the whole country or not known. ``successor`` is who took
    its work over as a whole; a district's registrar has none, since the communes divide its work among them.
    """

    code = models.CharField(_("Mã"), max_length=40, unique=True)
    kind = models.CharField(_("Loại cơ quan"), max_length=12, choices=AgencyKind.choices)
    name_vi = models.CharField(_("Tên cơ quan"), max_length=160)
    name_en = models.CharField(_("Tên cơ quan (tiếng Anh)"), max_length=160, blank=True)
    unit = models.ForeignKey(
        AdminUnit,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="agencies",
        verbose_name=_("Địa bàn phụ trách"),
    )
    valid_from = models.DateField(_("Hiệu lực từ"))
    valid_to = models.DateField(_("Hiệu lực đến"), null=True, blank=True)
    successor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name=_("Cơ quan kế tục"),
    )
    phone = models.CharField(_("Điện thoại"), max_length=15, blank=True, validators=[PHONE_SHAPE])
    search_key = models.CharField(max_length=400, editable=False, default="")

    objects = AgencyQuerySet.as_manager()

    class Meta:
        verbose_name = _("cơ quan phối hợp")
        verbose_name_plural = _("cơ quan phối hợp")
        ordering = ["kind", "name_vi", "valid_from"]
        indexes = [models.Index(fields=["kind", "unit", "valid_from"], name="agency_by_kind_and_area")]
        constraints = [
            ends_after_it_starts("cooperatives_agency_ends_after_it_starts"),
            models.CheckConstraint(
                condition=~Q(kind=AgencyKind.REGISTRAR) | Q(unit__isnull=False),
                name="cooperatives_registrar_has_an_area",
                violation_error_message=_("Cơ quan đăng ký phải có địa bàn phụ trách."),
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def name(self) -> str:
        """The name in the language of the reader."""
        return self.name_en if self.name_en and get_language() == "en" else self.name_vi

    def save(self, *args, **kwargs):
        """Save with a fresh search key."""
        self.refresh_keys()
        super().save(*args, **kwargs)

    def refresh_keys(self):
        """Bring the names to NFC and rebuild the search key; bulk inserts call this themselves."""
        self.name_vi, self.name_en = nfc(self.name_vi), nfc(self.name_en)
        self.search_key = search_key(self.name_vi, self.name_en, self.phone)[:400]

    def was_there_on(self, day: date) -> bool:
        """Whether the agency worked under this name on ``day``, both ends included."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def clean(self):
        """Refuse a second registrar of one area at one time: a case would belong to two.

        Raises:
            ValidationError: beside the area.
        """
        if self.kind != AgencyKind.REGISTRAR or self.unit_id is None or self.valid_from is None:
            return
        others = Agency.objects.of_kind(AgencyKind.REGISTRAR).filter(unit=self.unit_id).exclude(pk=self.pk)
        others = others.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=self.valid_from))
        if self.valid_to is not None:
            others = others.filter(valid_from__lte=self.valid_to)
        if others.exists():
            raise ValidationError({"unit": _("Địa bàn này đã có cơ quan đăng ký trong thời gian đó.")})
