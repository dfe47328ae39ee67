"""The cooperative itself, the people to call, and groups that are still founding one."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import ENDED_STATUSES, ActualState, CharterReview, Kind, LegalStatus
from cooperatives.limits import AtMost
from cooperatives.models.choice_words import ChoiceWords
from cooperatives.models.territory import AdminUnit
from cooperatives.tax_code import check_digit_is_right
from cooperatives.text import digits_only, nfc, search_key, search_terms, sort_key, specific_name

TAX_CODE_SHAPE = RegexValidator(
    r"^\d{10}(-\d{3})?$", _("Mã số thuế gồm 10 chữ số (đơn vị phụ thuộc: thêm gạch nối và 3 chữ số).")
)
#: A financial year has twelve whole months, so the month says the day as well.
FISCAL_YEAR_ENDS = [(month, format_lazy(_("Hết ngày cuối tháng {}"), f"{month:02d}")) for month in (12, *range(1, 12))]
PHONE_SHAPE = RegexValidator(r"^0\d{8,10}$", _("Số điện thoại bắt đầu bằng 0 và có 9 đến 11 chữ số."))


class SearchableQuerySet(models.QuerySet):
    """Rows with a folded ``search_key``."""

    def search(self, query: str):
        """Rows whose key holds every word of ``query``, typed with or without accents."""
        found = self
        for term in search_terms(query):
            found = found.filter(search_key__contains=term)
        return found


class CooperativeQuerySet(SearchableQuerySet):
    """Questions about many cooperatives."""

    def standing(self):
        """Cooperatives that have not ended: the others owe nothing any more."""
        return self.exclude(legal_status__in=ENDED_STATUSES)

    def in_commune(self, code: str):
        """Cooperatives located in the old or the new commune with this code.

        A code borne in both eras means the new commune, which always contains the old bearer.
        """
        return self.filter(Q(old_commune__code=code) | Q(new_commune__code=code))

    def in_old_district(self, code: str):
        """Cooperatives whose place lies in the old district with this code."""
        return self.filter(old_district__code=code)


class NamedRow(models.Model):
    """A row whose ``name`` is judged in the form it is stored in."""

    class Meta:
        abstract = True

    def clean_fields(self, exclude=None):
        """Check the fields, the name without what nobody sees; raises ``ValidationError`` as Django does."""
        self.name = nfc(self.name or "")
        super().clean_fields(exclude)


class Cooperative(NamedRow, ChoiceWords):
    """One cooperative organisation of the register (THT, HTX or LHHTX).

    ``tax_code`` is also its own code (Decree 92/2024, Article 14) and may be missing on old papers.
    ``registered_on`` is the day of the first certificate. Capital is in đồng; ``capital_paid_on`` is the day the
    members had paid all of it in (Law 17/2023/QH15, Article 74). ``old_commune``,
    ``new_commune`` and ``old_district`` hold the place in both territorial frames, see
    :func:`cooperatives.models.territory.place_of`.
    """

    name = models.CharField(_("Tên"), max_length=200)
    short_name = models.CharField(_("Tên viết tắt"), max_length=80, blank=True)
    kind = models.CharField(_("Loại hình"), max_length=6, choices=Kind.choices)
    tax_code = models.CharField(
        _("Mã số thuế"), max_length=14, null=True, blank=True, unique=True, validators=[TAX_CODE_SHAPE]
    )
    certificate_no = models.CharField(_("Số giấy chứng nhận"), max_length=40, blank=True)
    certificate_issuer = models.CharField(_("Cơ quan cấp"), max_length=120, blank=True)
    certificate_change_no = models.PositiveSmallIntegerField(_("Thay đổi lần thứ"), null=True, blank=True)
    registered_on = models.DateField(_("Ngày đăng ký"), null=True, blank=True)
    legal_status = models.CharField(
        _("Tình trạng pháp lý"), max_length=16, choices=LegalStatus.choices, default=LegalStatus.ACTIVE
    )
    actual_state = models.CharField(
        _("Thực tế hoạt động"), max_length=12, choices=ActualState.choices, default=ActualState.OPERATING
    )
    charter_review = models.CharField(
        _("Điều lệ theo Luật 2023"),
        max_length=12,
        choices=CharterReview.choices,
        default=CharterReview.NOT_REVIEWED,
    )
    charter_amended_on = models.DateField(_("Điều lệ sửa gần nhất ngày"), null=True, blank=True)
    fiscal_year_end_month = models.PositiveSmallIntegerField(
        _("Năm tài chính kết thúc"), choices=FISCAL_YEAR_ENDS, default=12
    )
    capital_paid_on = models.DateField(_("Thành viên góp đủ vốn điều lệ ngày"), null=True, blank=True)
    commune = models.ForeignKey(
        AdminUnit, on_delete=models.PROTECT, related_name="+", verbose_name=_("Xã, phường, thị trấn")
    )
    old_commune = models.ForeignKey(
        AdminUnit,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cooperatives_of_old",
        verbose_name=_("Xã cũ (trước 01/07/2025)"),
    )
    new_commune = models.ForeignKey(
        AdminUnit,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cooperatives_of_new",
        verbose_name=_("Xã mới (từ 01/07/2025)"),
    )
    old_district = models.ForeignKey(
        AdminUnit,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cooperatives_of_district",
        verbose_name=_("Địa bàn huyện cũ"),
    )
    address = models.CharField(_("Địa chỉ"), max_length=200, blank=True)
    representative = models.CharField(_("Người đại diện theo pháp luật"), max_length=120, blank=True)
    phone = models.CharField(_("Điện thoại"), max_length=15, blank=True, validators=[PHONE_SHAPE])
    email = models.EmailField(_("Thư điện tử"), blank=True)
    members = models.PositiveIntegerField(_("Số thành viên"), null=True, blank=True, validators=[AtMost(1_000_000)])
    charter_capital = models.PositiveBigIntegerField(
        _("Vốn điều lệ (đồng)"), null=True, blank=True, validators=[AtMost(10**15)]
    )
    main_activity = models.CharField(_("Hoạt động chính"), max_length=200, blank=True)
    note = models.TextField(_("Ghi chú"), blank=True)
    is_demo = models.BooleanField(_("Dữ liệu mẫu"), default=False, editable=False)
    search_key = models.CharField(max_length=900, editable=False, default="")
    sort_key = models.CharField(max_length=260, editable=False, default="")
    created_at = models.DateTimeField(_("Nhập lúc"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("Sửa lúc"), auto_now=True)

    objects = CooperativeQuerySet.as_manager()

    class Meta:
        verbose_name = _("HTX")
        verbose_name_plural = _("HTX")
        ordering = ["sort_key", "pk"]
        indexes = [
            models.Index(fields=["sort_key", "id"], name="coop_by_name"),
            models.Index(fields=["old_district", "sort_key"], name="coop_by_district"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name=""),
                name="cooperatives_has_a_name",
                violation_error_message=_("Cần ghi tên HTX."),
            ),
            models.CheckConstraint(
                condition=Q(old_commune__isnull=False) | Q(new_commune__isnull=False),
                name="cooperatives_lies_somewhere",
                violation_error_message=_("Cần chọn xã, phường, thị trấn."),
            ),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        """Save with fresh search and sort keys."""
        self.refresh_keys()
        super().save(*args, **kwargs)

    def refresh_keys(self):
        """Bring ``name`` to NFC and rebuild the two keys; bulk inserts call this themselves."""
        self.name = nfc(self.name)
        units = [self.old_commune, self.new_commune, self.old_district]
        self.search_key = search_key(
            self.name,
            self.short_name,
            self.tax_code,
            self.representative,
            digits_only(self.phone),
            *[unit.name for unit in units if unit],
        )[:900]
        self.sort_key = sort_key(specific_name(self.name))

    @property
    def tax_code_is_doubtful(self) -> bool:
        """Whether the tax code is present but its check digit is wrong: a warning, not an error."""
        return bool(self.tax_code) and not check_digit_is_right(self.tax_code)

    @property
    def charter_is_a_hindrance(self) -> bool:
        """Whether the charter still has to be brought in line with Law 17/2023/QH15."""
        return self.charter_review in (CharterReview.NOT_REVIEWED, CharterReview.MUST_AMEND)


class Contact(models.Model):
    """A person to call at a cooperative; as little about the person as the work needs."""

    cooperative = models.ForeignKey(
        Cooperative, on_delete=models.CASCADE, related_name="contacts", verbose_name=_("HTX")
    )
    name = models.CharField(_("Họ tên"), max_length=120)
    position = models.CharField(_("Chức vụ"), max_length=80, blank=True)
    phone = models.CharField(_("Điện thoại"), max_length=15, blank=True, validators=[PHONE_SHAPE])
    email = models.EmailField(_("Thư điện tử"), blank=True)

    class Meta:
        verbose_name = _("người liên hệ")
        verbose_name_plural = _("người liên hệ")
        ordering = ["cooperative", "pk"]

    def __str__(self):
        return self.name


class FoundingGroup(NamedRow):
    """People who are founding a cooperative that does not exist yet.

    Their consultations are shown apart and not counted as lượt HTX, also after the cooperative is founded
    (``cooperative`` then points to it).
    """

    name = models.CharField(_("Tên nhóm"), max_length=200)
    commune = models.ForeignKey(
        AdminUnit, on_delete=models.PROTECT, related_name="+", verbose_name=_("Xã, phường, thị trấn")
    )
    contact = models.CharField(_("Người liên hệ"), max_length=120, blank=True)
    phone = models.CharField(_("Điện thoại"), max_length=15, blank=True, validators=[PHONE_SHAPE])
    formed_on = models.DateField(_("Ngày lập nhóm"))
    cooperative = models.OneToOneField(
        Cooperative,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="founding_group",
        verbose_name=_("HTX đã thành lập"),
    )
    is_demo = models.BooleanField(_("Dữ liệu mẫu"), default=False, editable=False)
    search_key = models.CharField(max_length=600, editable=False, default="")
    created_at = models.DateTimeField(_("Nhập lúc"), auto_now_add=True)

    objects = SearchableQuerySet.as_manager()

    class Meta:
        verbose_name = _("nhóm sáng lập")
        verbose_name_plural = _("nhóm sáng lập")
        ordering = ["name", "pk"]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        """Save with a fresh search key."""
        self.name = nfc(self.name)
        self.search_key = search_key(self.name, self.contact, self.phone, self.commune.name)[:600]
        super().save(*args, **kwargs)
