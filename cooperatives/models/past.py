"""What the register said of a cooperative before it was changed, so that figures can be rebuilt as known then."""

from collections.abc import Iterable
from datetime import datetime

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import ActualState, Kind, LegalStatus
from cooperatives.models.cooperative import Cooperative, FoundingGroup
from cooperatives.models.territory import AdminUnit

#: What of a cooperative decides where and whether it is counted.
COUNTED_FACTS = (
    "kind",
    "legal_status",
    "actual_state",
    "registered_on",
    "old_commune",
    "new_commune",
    "old_district",
)
_COLUMNS = tuple(Cooperative._meta.get_field(name).attname for name in COUNTED_FACTS)


class PastState(models.Model):
    """The counted facts of a cooperative as they stood until the moment ``until``, when somebody changed one."""

    cooperative = models.ForeignKey(
        Cooperative, on_delete=models.CASCADE, related_name="past_states", verbose_name=_("HTX")
    )
    until = models.DateTimeField(_("Đến lúc"))
    kind = models.CharField(_("Loại hình"), max_length=6, choices=Kind.choices)
    legal_status = models.CharField(_("Tình trạng pháp lý"), max_length=16, choices=LegalStatus.choices)
    actual_state = models.CharField(_("Thực tế hoạt động"), max_length=12, choices=ActualState.choices)
    registered_on = models.DateField(_("Ngày đăng ký"), null=True, blank=True)
    old_commune = models.ForeignKey(
        AdminUnit, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("Xã cũ (trước 01/07/2025)")
    )
    new_commune = models.ForeignKey(
        AdminUnit, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("Xã mới (từ 01/07/2025)")
    )
    old_district = models.ForeignKey(
        AdminUnit, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("Địa bàn huyện cũ")
    )

    class Meta:
        verbose_name = _("tình trạng trước đây của HTX")
        verbose_name_plural = _("tình trạng trước đây của HTX")
        ordering = ["cooperative", "until", "pk"]
        indexes = [models.Index(fields=["cooperative", "until", "id"], name="past_state_in_order")]

    def __str__(self):
        return f"{self.cooperative_id} {self.until:%d/%m/%Y %H:%M}"


class PastName(models.Model):
    """What a cooperative or founding group was called, and under which tax code, until the moment ``until``, when
    somebody changed it.

    Apart from :class:`PastState`: no figure hangs on a name, and who is called otherwise has not moved.
    """

    cooperative = models.ForeignKey(
        Cooperative, on_delete=models.CASCADE, null=True, related_name="past_names", verbose_name=_("HTX")
    )
    founding_group = models.ForeignKey(
        FoundingGroup, on_delete=models.CASCADE, null=True, related_name="past_names", verbose_name=_("Nhóm sáng lập")
    )
    until = models.DateTimeField(_("Đến lúc"))
    name = models.CharField(_("Tên"), max_length=Cooperative._meta.get_field("name").max_length)
    tax_code = models.CharField(_("Mã số thuế"), max_length=14, blank=True)

    class Meta:
        verbose_name = _("tên trước đây")
        verbose_name_plural = _("tên trước đây")
        ordering = ["until", "pk"]
        indexes = [
            models.Index(fields=["cooperative", "until", "id"], name="past_name_in_order"),
            models.Index(fields=["founding_group", "until", "id"], name="past_name_of_group"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(cooperative__isnull=False, founding_group__isnull=True)
                | Q(cooperative__isnull=True, founding_group__isnull=False),
                name="cooperatives_past_name_of_one",
            ),
        ]

    def __str__(self):
        return f"{self.name} {self.until:%d/%m/%Y %H:%M}"


def keep_past_state(cooperative: Cooperative, now: datetime) -> None:
    """Keep what the stored row says, if ``cooperative`` is about to be saved with another counted fact, name or tax
    code.

    Runs before the row is saved, in the same transaction.
    """
    if cooperative.pk is None:
        return
    stored = Cooperative.objects.filter(pk=cooperative.pk).values(*_COLUMNS, "name", "tax_code").first()
    if stored is None:
        return
    said = stored.pop("name"), stored.pop("tax_code") or ""
    if said != (cooperative.name, cooperative.tax_code or ""):
        PastName.objects.create(cooperative_id=cooperative.pk, until=now, name=said[0], tax_code=said[1])
    if any(stored[name] != getattr(cooperative, name) for name in _COLUMNS):
        PastState.objects.create(cooperative_id=cooperative.pk, until=now, **stored)


def keep_past_name(group: FoundingGroup, now: datetime) -> None:
    """Keep what the stored row is called, if ``group`` is about to be saved under another name; as above."""
    stored = FoundingGroup.objects.filter(pk=group.pk).values_list("name", flat=True).first()
    if stored is not None and stored != group.name:
        PastName.objects.create(founding_group_id=group.pk, until=now, name=stored)


def called_then(moment: datetime | None, via: str, fact: str = "name"):
    """Return the expression of the name, or the ``tax_code`` (empty: none), of a party just before ``moment``; None
    means now. ``via`` leads from the queried row to the cooperative or group: ``"cooperative"``,
    ``"case__founding_group"``; empty for a cooperative itself.
    """
    now = F(f"{via}__{fact}" if via else fact)
    if moment is None:
        return now
    party = via.rpartition("__")[2] or "cooperative"
    past = PastName.objects.filter(**{party: OuterRef(via or "pk")}, until__gte=moment).order_by("until", "pk")
    return Coalesce(Subquery(past.values(fact)[:1]), now, output_field=models.CharField())


def names_then(
    moment: datetime | None, numbers: Iterable[int], of: type[Cooperative] | type[FoundingGroup] = Cooperative
) -> dict[int, str]:
    """Return what those of some cooperatives, or groups, were called just before ``moment`` (None: now) that have been
    renamed since.
    """
    if moment is None:
        return {}
    party = "cooperative" if of is Cooperative else "founding_group"
    # The earliest change since tells what was said before it, and so is read last.
    past = PastName.objects.filter(**{f"{party}__in": list(numbers)}, until__gte=moment).order_by("-until", "-pk")
    return dict(past.values_list(party, "name"))


def places_then(moment: datetime | None, numbers: Iterable[int]) -> dict[int, tuple[str, str, str | None]]:
    """Return where those of some cooperatives lay just before ``moment`` (None: now) that have changed since: kind and
    name of the commune, and the name of the old district where it is known.
    """
    if moment is None:
        return {}
    past = PastState.objects.filter(cooperative__in=list(numbers), until__gte=moment).order_by("-until", "-pk")
    commune = (Coalesce(f"old_commune__{fact}", f"new_commune__{fact}") for fact in ("kind", "name"))
    rows = past.values_list("cooperative", *commune, "old_district__name")
    return {number: (kind, name, district) for number, kind, name, district in rows}


def as_known(fact: str, moment: datetime | None, via: str = ""):
    """Return the expression of a counted fact as the register said it just before ``moment``; None means now.

    ``via`` leads from the queried row to the cooperative, as in ``"cooperative__"``.
    """
    if fact not in COUNTED_FACTS:
        raise ValueError(fact)
    column = PastState._meta.get_field(fact)
    now = F(f"{via}{column.attname}")
    if moment is None:
        return now
    owner = OuterRef(via.removesuffix("__") or "pk")
    past = PastState.objects.filter(cooperative=owner, until__gte=moment).order_by("until", "pk")
    kind = models.BigIntegerField() if column.is_relation else column.clone()
    stated = Subquery(past.values(column.attname)[:1], output_field=kind)
    return Case(When(Exists(past), then=stated), default=now, output_field=kind)


def known_with(fact: str, moment: datetime | None, values: Iterable | QuerySet | None) -> QuerySet:
    """Return the keys of cooperatives whose ``fact`` was one of ``values`` just before ``moment``; None: not known."""
    rows = Cooperative.objects.order_by().annotate(known=as_known(fact, moment))
    return (rows.filter(known__isnull=True) if values is None else rows.filter(known__in=values)).values("pk")
