"""Administrative territory with validity in time."""

from dataclasses import dataclass
from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import UnitKind, UnitLevel
from cooperatives.errors import InvalidEntry
from cooperatives.models.choice_words import ChoiceWords

#: From this day communes lie in the province itself; the districts ended the day before.
TWO_LEVELS_FROM = date(2025, 7, 1)


class AdminUnitQuerySet(models.QuerySet):
    """Questions about many units."""

    def valid_on(self, day: date):
        """Units in force on ``day``; ``valid_to`` is the last day."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day)

    def communes(self):
        """Units of the commune level, old and new."""
        return self.filter(level=UnitLevel.COMMUNE)

    def old_districts(self):
        """The districts by which reports compare the years across the merger of 2025, in code order."""
        return self.filter(level=UnitLevel.DISTRICT).order_by("code")

    def old_communes(self):
        """The communes of the three-level territory until 30 June 2025, in code order."""
        return self.filter(level=UnitLevel.COMMUNE, parent__level=UnitLevel.DISTRICT).order_by("code")

    def new_communes(self):
        """The communes of the two-level territory, those without a district above them, in code order."""
        return self.filter(level=UnitLevel.COMMUNE, parent__level=UnitLevel.PROVINCE).order_by("code")


class AdminUnit(ChoiceWords):
    """One unit as it was called and bounded over one span of time.

    The key is ``(code, valid_from)``: since 1 July 2025 all new communes of the area carry a code that an
    old commune carried before, 19 of them under another name, so neither code nor name identifies a unit.
    ``successor`` is the unit the whole of this one went into (Resolution 1683/NQ-UBTVQH15).
    """

    code = models.CharField(_("Mã"), max_length=5)
    level = models.CharField(_("Cấp"), max_length=10, choices=UnitLevel.choices)
    kind = models.CharField(_("Loại"), max_length=10, choices=UnitKind.choices)
    name = models.CharField(_("Tên"), max_length=80)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("Đơn vị cấp trên"),
    )
    successor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name=_("Nhập vào"),
    )
    valid_from = models.DateField(_("Hiệu lực từ"))
    valid_to = models.DateField(_("Hiệu lực đến"), null=True, blank=True)

    objects = AdminUnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("đơn vị hành chính")
        verbose_name_plural = _("đơn vị hành chính")
        ordering = ["code", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="cooperatives_unit_code_and_start"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="cooperatives_unit_ends_after_it_starts",
                violation_error_message=_("Ngày hết hiệu lực phải sau ngày có hiệu lực."),
            ),
        ]

    def __str__(self):
        return self.full_name

    @property
    def full_name(self) -> str:
        """The name with its level word: "xã Chợ Đồn" and "huyện Chợ Đồn" are different places."""
        return f"{self.get_kind_display()} {self.name}"


@dataclass(frozen=True)
class Place:
    """Where a cooperative is, in both territorial frames; ``None`` where a frame does not decide."""

    commune: AdminUnit
    old_commune: AdminUnit | None
    new_commune: AdminUnit | None
    old_district: AdminUnit | None


def find_commune(code: str, on: date | None) -> AdminUnit:
    """Return the commune that carried ``code`` on the day ``on``.

    Without a date the present bearer is meant, or else the last one that had the code.

    Raises:
        InvalidEntry: when no commune carried the code then.
    """
    bearers = AdminUnit.objects.communes().filter(code=code).select_related("parent", "successor", "successor__parent")
    found = bearers.order_by("-valid_from").first() if on is None else bearers.valid_on(on).first()
    if found is None:
        message = (
            _("Không có xã, phường, thị trấn mang mã này vào ngày đăng ký.")
            if bearers
            else _("Không có xã, phường, thị trấn mang mã này.")
        )
        raise InvalidEntry({"commune": [message]})
    return found


def place_of(commune: AdminUnit) -> Place:
    """Return the place in both frames that ``commune`` decides.

    An old commune decides everything. A new commune decides its old district only when all the communes
    merged into it came from one district; three of them cross old borders, and there a person must choose.
    """
    if commune.parent and commune.parent.level == UnitLevel.DISTRICT:
        return Place(commune, commune, commune.successor, commune.parent)
    districts = {old.parent for old in commune.predecessors.select_related("parent")}
    return Place(commune, None, commune, districts.pop() if len(districts) == 1 else None)
