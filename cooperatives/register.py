"""Entering and changing cooperatives: the one act page, API and import call."""

from datetime import date

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.errors import WHOLE, InvalidEntry
from cooperatives.models import (
    AdminUnit,
    Cooperative,
    find_commune,
    keep_past_state,
    moment_to_record,
    place_of,
    raise_register_version,
)
from cooperatives.text import nfc, normal_phone, search_key, western_digits

#: No cooperative and no group of the register is older.
EARLIEST = date(1945, 9, 2)


def enter_cooperative(cooperative: Cooperative, *, today: date, commune_code: str | None = None) -> Cooperative:
    """Check and save a new or changed cooperative in one transaction and return it.

    ``cooperative`` is an unsaved or loaded row with the new values set. ``commune_code`` is an official
    code that was valid on ``registered_on`` (on its last bearer when no date is known); without it the
    row's ``commune`` stands. A hand-picked ``old_district`` is kept only where the commune leaves it open.

    Raises:
        InvalidEntry: with messages by field; nothing is written.
    """
    problems: dict[str, list[str]] = {}
    _clean_words(cooperative)
    if cooperative.registered_on and cooperative.registered_on > today:
        problems["registered_on"] = [_("Ngày đăng ký không thể ở tương lai.")]
    elif cooperative.registered_on and cooperative.registered_on < EARLIEST:
        problems["registered_on"] = [_("Ngày đăng ký quá xa trong quá khứ, xin kiểm tra năm.")]
    try:
        # A day that is wrong itself says nothing about the commune.
        _locate(cooperative, commune_code, None if problems else cooperative.registered_on)
    except InvalidEntry as refusal:
        problems.update(refusal.problems)
    problems = _with_field_problems(cooperative, problems)
    if problems:
        raise InvalidEntry(problems)
    try:
        with transaction.atomic():
            moment = moment_to_record()
            keep_past_state(cooperative, moment)
            if cooperative.pk is None:
                cooperative.created_at = moment
            cooperative.save()
            raise_register_version()
    except IntegrityError as clash:
        # Two people entered the same tax code at once; the database let one of them through.
        raise InvalidEntry({"tax_code": [_("Mã số thuế này đã có trong sổ đăng ký.")]}) from clash
    return cooperative


def warnings_about(cooperative: Cooperative) -> list[str]:
    """Return what a person should look at again, in words; a warning never blocks."""
    found = []
    if cooperative.tax_code_is_doubtful:
        found.append(_("Mã số thuế có thể gõ sai: chữ số kiểm tra không khớp."))
    if cooperative.old_district_id is None:
        found.append(_("Chưa rõ địa bàn huyện cũ: xã mới này gộp từ nhiều huyện, cần chọn tay."))
    twins = similar_to(cooperative)
    if twins:
        names = ", ".join(twin.name for twin in twins)
        found.append(_("Có thể trùng với: %(names)s.") % {"names": names})
    return [str(message) for message in found]


def similar_to(cooperative: Cooperative, most: int = 3) -> list[Cooperative]:
    """Return up to ``most`` other cooperatives with the same folded name in the same commune, old or new."""
    key = search_key(cooperative.name)
    place = {"old_commune": cooperative.old_commune_id} if cooperative.old_commune_id else {}
    if not place:
        place = {"new_commune": cooperative.new_commune_id}
    others = Cooperative.objects.exclude(pk=cooperative.pk).filter(search_key__startswith=key, **place)
    return [other for other in others[:20] if search_key(other.name) == key][:most]


def _clean_words(cooperative: Cooperative) -> None:
    """Bring what was typed to its stored form."""
    for field in ("name", "short_name", "representative", "address", "main_activity", "certificate_no"):
        setattr(cooperative, field, nfc(getattr(cooperative, field) or ""))
    cooperative.tax_code = western_digits(nfc(cooperative.tax_code or "")).replace(" ", "") or None
    phone = cooperative.phone or ""
    # Letters are left in, so that the field's own check names the mistake instead of swallowing it.
    cooperative.phone = nfc(phone) if any(c.isalpha() for c in phone) else normal_phone(phone)


def _locate(cooperative: Cooperative, commune_code: str | None, on: date | None) -> None:
    """Set the place in both territorial frames."""
    if commune_code is not None:
        commune: AdminUnit | None = find_commune(commune_code, on)
    else:
        commune = cooperative.commune if cooperative.commune_id else None
    if commune is None:
        raise InvalidEntry({"commune": [_("Cần chọn xã, phường, thị trấn.")]})
    place = place_of(commune)
    picked = cooperative.old_district
    cooperative.commune = place.commune
    cooperative.old_commune = place.old_commune
    cooperative.new_commune = place.new_commune
    cooperative.old_district = place.old_district or _allowed_pick(picked, commune)


def _allowed_pick(picked: AdminUnit | None, commune: AdminUnit) -> AdminUnit | None:
    """Return the hand-picked old district when some part of the new commune came from it.

    Raises:
        InvalidEntry: when no part of the commune came from it.
    """
    if picked is None:
        return None
    if commune.predecessors.filter(parent=picked).exists():
        return picked
    raise InvalidEntry({"old_district": [_("Xã mới này không gộp từ huyện đã chọn.")]})


def _with_field_problems(cooperative: Cooperative, problems: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return ``problems`` together with what the fields and constraints themselves refuse."""
    try:
        cooperative.full_clean(exclude=[*problems, "search_key", "sort_key"])
    except ValidationError as refusal:
        for field, messages in refusal.message_dict.items():
            name = WHOLE if field == NON_FIELD_ERRORS else field
            if "commune" not in problems or name != WHOLE:
                problems.setdefault(name, []).extend(messages)
    return problems
