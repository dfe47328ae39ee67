"""Forms of the register. What may be entered is decided in ``register``; forms only read and hand on."""

from itertools import groupby

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import UnitLevel
from cooperatives.errors import InvalidEntry
from cooperatives.form_fields import DayField, RuleForm, field_for
from cooperatives.governance.acts import FIRST_UPDATE, file_annual_update
from cooperatives.models import AdminUnit, AnnualUpdate, Contact, Cooperative, FoundingGroup, ViolationNotice, place_of
from cooperatives.register import EARLIEST, enter_cooperative, similar_to
from cooperatives.registration import note_violation
from cooperatives.text import nfc, normal_phone, sort_key

_PHONE = forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"})
_LONGEST_NOTE = 10_000
_CONTACT_FIELDS = ("name", "position", "phone", "email")


def commune_units() -> list[AdminUnit]:
    """Return every commune, old and new, in the order of the alphabet, with its old district, in one query."""
    units = AdminUnit.objects.communes().select_related("parent", "successor")
    return sorted(units, key=lambda unit: sort_key(unit.name))


def unit_above(unit: AdminUnit) -> str:
    """Return the words that tell communes of one name apart: the old district, or that the commune is new."""
    if unit.parent and unit.parent.level == UnitLevel.DISTRICT:
        return unit.parent.full_name
    return str(_("xã, phường mới từ 01/07/2025"))


def commune_choices() -> list[tuple]:
    """Return the choices of the commune select, grouped: new communes first, then by old district."""

    def group(unit):
        old = unit.parent is not None and unit.parent.level == UnitLevel.DISTRICT
        return (old, sort_key(unit.parent.name) if old else "")

    choices: list[tuple] = [("", _("Chọn xã, phường, thị trấn"))]
    for _key, units in groupby(sorted(commune_units(), key=group), key=group):
        members = list(units)
        choices.append((unit_above(members[0]), [(unit.pk, unit.full_name) for unit in members]))
    return choices


class CommuneField(forms.TypedChoiceField):
    """A commune, old or new, chosen by its row, because the same code was borne by two communes."""

    def __init__(self, **kwargs):
        super().__init__(
            choices=commune_choices,
            coerce=lambda pk: AdminUnit.objects.select_related("parent", "successor").get(pk=pk),
            empty_value=None,
            label=_("Xã, phường, thị trấn"),
            error_messages={"required": _("Cần chọn xã, phường, thị trấn.")},
            **kwargs,
        )


class ContactFields(RuleForm):
    """A person to call; all empty means none."""

    contact_name = forms.CharField(label=_("Họ tên"), required=False, max_length=120)
    contact_position = forms.CharField(label=_("Chức vụ"), required=False, max_length=80)
    contact_phone = forms.CharField(label=_("Điện thoại"), required=False, max_length=30, widget=_PHONE)
    contact_email = forms.EmailField(label=_("Thư điện tử"), required=False)

    def contact(self) -> Contact | None:
        """Return the unsaved contact that was typed, or None; its mistakes become errors of the form."""
        values = {name: nfc(self.cleaned_data.get(f"contact_{name}") or "") for name in _CONTACT_FIELDS}
        if not any(values.values()):
            return None
        if not any(c.isalpha() for c in values["phone"]):
            values["phone"] = normal_phone(values["phone"])
        person = Contact(**values)
        try:
            person.full_clean(exclude=["cooperative"])
        except ValidationError as refusal:
            self.show(InvalidEntry({f"contact_{k}": v for k, v in refusal.message_dict.items()}))
        return person


class CooperativeForm(ContactFields):
    """Everything the register holds about a cooperative itself, and one person to call along with it."""

    COLUMNS = (
        "name", "kind", "short_name", "tax_code", "registered_on", "certificate_no", "certificate_issuer",
        "certificate_change_no", "old_district", "address", "representative", "phone", "email", "members",
        "charter_capital", "main_activity", "legal_status", "actual_state", "charter_review", "charter_amended_on",
        "fiscal_year_end_month", "capital_paid_on", "note",
    )  # fmt: skip

    commune = CommuneField(help_text=_("Theo địa chỉ trên giấy tờ; chọn xã cũ hay xã mới đều được."))
    is_another = forms.BooleanField(label=_("Vẫn lưu, đây là HTX khác"), required=False)
    seen_at = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, instance: Cooperative | None = None, **kwargs):
        self.instance = instance or Cooperative()
        self.twins: list[Cooperative] = []
        super().__init__(*args, **kwargs)
        for name in self.COLUMNS:
            self.fields[name] = field_for(Cooperative._meta.get_field(name))
            self.initial.setdefault(name, getattr(self.instance, name))
        self._adjust()
        if self.instance.pk:
            self.initial.setdefault("commune", self.instance.commune_id)
            self.initial.setdefault("seen_at", self.instance.updated_at.isoformat())

    def _adjust(self) -> None:
        """Widgets and hints beyond those the columns bring; shapes are checked after normal forms are made."""
        districts = self.fields["old_district"]
        districts.queryset = AdminUnit.objects.old_districts()
        districts.help_text = _("Chỉ cần khi xã mới gộp từ nhiều huyện cũ.")
        self.initial["old_district"] = self.instance.old_district_id
        self.fields["tax_code"] = forms.CharField(
            label=_("Mã số thuế"), required=False, max_length=30, widget=forms.TextInput({"inputmode": "numeric"})
        )
        self.fields["phone"] = forms.CharField(label=_("Điện thoại"), required=False, max_length=30, widget=_PHONE)
        # Left out it stays what it is, and the calendar year at first.
        self.fields["fiscal_year_end_month"].required = False
        self.fields["note"] = forms.CharField(
            label=self.fields["note"].label,
            required=False,
            max_length=_LONGEST_NOTE,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=_("Chỉ cán bộ và lãnh đạo đọc được."),
        )

    def clean(self):
        """Fill the row, look for the contact's mistakes and for cooperatives of the same name nearby."""
        cleaned = super().clean()
        commune = cleaned.get("commune")
        registered = cleaned.get("registered_on")
        if commune and registered and commune.valid_to and commune.valid_to < registered:
            message = _("%(commune)s đã nhập vào %(successor)s trước ngày đăng ký, xin chọn xã mới.")
            names = {"commune": commune.full_name, "successor": commune.successor or ""}
            self.add_error("commune", message % names)
        self.person = self.contact()
        return cleaned

    def has_unconfirmed_twins(self) -> bool:
        """Whether a cooperative of this name is there already and the person has not yet said it is another.

        Asked of a valid form; fills ``twins`` for the page.
        """
        row = self._filled()
        place = place_of(row.commune)
        row.old_commune, row.new_commune = place.old_commune, place.new_commune
        if not row.pk:
            self.twins = similar_to(row)
        return bool(self.twins) and not self.cleaned_data["is_another"]

    def is_stale(self) -> bool:
        """Whether the row was changed by somebody since the form was opened."""
        return self.cleaned_data["seen_at"] != self.instance.updated_at.isoformat()

    def take_note_of_change(self) -> None:
        """Say above the form what differs from the row as it stands now, and let the next saving through."""
        stored = {name: getattr(self.instance, name) for name in (*self.COLUMNS, "commune")}
        differing = [
            str(self.fields[name].label)
            for name, value in stored.items()
            if (self.cleaned_data[name] or None) != (value or None)
        ]
        message = _(
            "HTX này vừa được người khác sửa. Bản đang lưu khác với bản đang gõ ở: %(fields)s. "
            "Xin xem lại rồi bấm lưu lần nữa."
        )
        self.data = self.data.copy()
        self.data["seen_at"] = self.instance.updated_at.isoformat()
        self.add_error(None, message % {"fields": ", ".join(differing) or "–"})

    def save(self, today) -> Cooperative:
        """Enter the cooperative and its contact in one transaction and return it.

        Raises:
            InvalidEntry: nothing is written.
        """
        with transaction.atomic():
            row = enter_cooperative(self._filled(), today=today)
            if self.person is not None:
                self.person.cooperative = row
                self.person.save()
        return row

    def _month_of_year_end(self) -> int:
        return self.cleaned_data["fiscal_year_end_month"] or self.instance.fiscal_year_end_month

    def _filled(self) -> Cooperative:
        self.cleaned_data["fiscal_year_end_month"] = self._month_of_year_end()
        for name in (*self.COLUMNS, "commune"):
            setattr(self.instance, name, self.cleaned_data[name])
        return self.instance


class AnnualUpdateForm(RuleForm):
    """The yearly information was sent."""

    year = forms.IntegerField(label=_("Cập nhật của năm"), min_value=FIRST_UPDATE, max_value=2200)
    filed_on = DayField(label=_("Ngày gửi"))

    def save(self, cooperative: Cooperative, *, by, today) -> AnnualUpdate:
        """Note it and return the row.

        Raises:
            InvalidEntry: with messages by field; nothing is written.
        """
        return file_annual_update(
            cooperative, self.cleaned_data["year"], self.cleaned_data["filed_on"], by=by, today=today
        )


class FoundingGroupForm(RuleForm):
    """A group that is founding a cooperative."""

    name = field_for(FoundingGroup._meta.get_field("name"))
    commune = CommuneField()
    formed_on = DayField(
        label=_("Ngày lập nhóm"), help_text=_("Ngày các sáng lập viên bắt đầu làm việc với tổ công tác.")
    )
    contact = forms.CharField(label=_("Người liên hệ"), required=False, max_length=120)
    phone = forms.CharField(label=_("Điện thoại"), required=False, max_length=30, widget=_PHONE)

    def save(self, today) -> FoundingGroup:
        """Save the group and return it.

        Raises:
            InvalidEntry: with messages by field; nothing is written.
        """
        typed = self.cleaned_data
        phone = typed["phone"] if any(c.isalpha() for c in typed["phone"]) else normal_phone(typed["phone"])
        row = FoundingGroup(**typed | {"name": nfc(typed["name"]), "contact": nfc(typed["contact"]), "phone": phone})
        problems: dict[str, list[str]] = {}
        if row.formed_on > today:
            problems["formed_on"] = [_("Ngày lập nhóm không thể ở tương lai.")]
        elif row.formed_on < EARLIEST:
            problems["formed_on"] = [_("Ngày lập nhóm quá xa trong quá khứ, xin kiểm tra năm.")]
        try:
            row.full_clean()
        except ValidationError as refusal:
            problems |= refusal.message_dict
        if problems:
            raise InvalidEntry(problems)
        row.save()
        return row


class ViolationNoticeForm(RuleForm):
    """A notice of violation the registrar gave a cooperative, and the day it was settled."""

    COLUMNS = ("noticed_on", "subject", "settled_on")

    def __init__(self, *args, notice: ViolationNotice | None = None, **kwargs):
        initial = {name: getattr(notice, name) for name in self.COLUMNS} if notice else {}
        super().__init__(*args, initial=initial, **kwargs)
        for name in self.COLUMNS:
            self.fields[name] = field_for(ViolationNotice._meta.get_field(name))

    def save(self, cooperative: Cooperative, today) -> ViolationNotice:
        """Write the notice and return it.

        Raises:
            InvalidEntry: with messages by field; nothing is written.
        """
        return note_violation(cooperative, today=today, **self.cleaned_data)
