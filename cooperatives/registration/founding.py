"""A founding group becomes a cooperative; what a new cooperative must be and be called."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cooperatives.choices import Kind, UnitLevel
from cooperatives.errors import Words
from cooperatives.models import AdminUnit, Contact, Cooperative, FoundingGroup, LegalRule
from cooperatives.register import enter_cooperative
from cooperatives.text import FIRST_WORDS, fold, nfc, search_key

_LEAST = {Kind.HTX: "htx.min_members", Kind.LHHTX: "lhhtx.min_cooperatives", Kind.THT: "tht.min_members"}
_MOST_NAMESAKES = 5


@dataclass(frozen=True)
class CertificateData:
    """What a certificate of a new cooperative says; capital in đồng, empty for what is not known."""

    name: str
    issued_on: date
    number: str = ""
    kind: str = Kind.HTX
    commune: AdminUnit | None = None
    address: str = ""
    charter_capital: int | None = None
    representative: str = ""
    members: int | None = None
    tax_code: str = ""
    issuer: str = ""


def found_cooperative(group: FoundingGroup, certificate: CertificateData, *, today: date) -> Cooperative:
    """Return the cooperative the group became by its certificate, entered in the register with the group's contact.

    Done again, also by two people at once, it is the same cooperative: number and day of the certificate are written
    over, of the rest what is still empty is filled in, for what people changed since is not the certificate's to say.

    Raises:
        InvalidEntry: with messages by field; nothing is written.
    """
    with transaction.atomic():
        locked = FoundingGroup.objects.select_for_update(of=("self",)).select_related("commune").get(pk=group.pk)
        if locked.cooperative_id is not None:
            return _filled_up(locked.cooperative, certificate, today)
        unit = _present(certificate.commune or locked.commune, certificate.issued_on)
        row = Cooperative(
            commune=unit,
            old_district=_district_of(certificate.commune or locked.commune),
            phone=locked.phone,
            is_demo=locked.is_demo,
            **_columns(certificate),
        )
        enter_cooperative(row, today=today)
        locked.cooperative = row
        locked.save(update_fields=["cooperative"])
        if locked.contact:
            Contact.objects.create(cooperative=row, name=locked.contact, phone=locked.phone)
    return row


def least_members(kind: str, day: date) -> int | None:
    """Return how many members (cooperatives, for a union) the law of ``day`` asks for; None where it does not say."""
    return LegalRule.objects.days(_LEAST[Kind(kind)], day)


def name_problem(kind: str, name: str) -> Words:
    """Return why ``name`` cannot be that of a cooperative of this kind; "" when it can (Decree 92/2024, Article 15)."""
    begins = FIRST_WORDS[Kind(kind)]
    own = nfc(name).casefold().removeprefix(f"{begins} ".casefold())
    if own != nfc(name).casefold() and fold(own):
        return ""
    return _("Tên phải bắt đầu bằng “%(words)s” rồi đến tên riêng.") % {"words": begins}


def same_named(name: str, besides: Cooperative | None = None) -> list[Cooperative]:
    """Return cooperatives of the register, but not ``besides``, whose name is the same without accents."""
    key = search_key(name)
    others = Cooperative.objects.filter(search_key__startswith=key)
    others = others.exclude(pk=besides.pk) if besides else others
    return [other for other in others[:20] if search_key(other.name) == key][:_MOST_NAMESAKES]


def _columns(certificate: CertificateData) -> dict:
    """Return the columns of the register that a certificate fills in."""
    return {
        "name": certificate.name,
        "kind": certificate.kind,
        "certificate_no": certificate.number,
        "certificate_issuer": certificate.issuer[:120],
        "registered_on": certificate.issued_on,
        "address": certificate.address,
        "charter_capital": certificate.charter_capital,
        "representative": certificate.representative,
        "members": certificate.members,
        "tax_code": certificate.tax_code or None,
    }


def _filled_up(cooperative: Cooperative, certificate: CertificateData, today: date) -> Cooperative:
    """Bring a cooperative that is there in line with its certificate; see :func:`found_cooperative`."""
    row = Cooperative.objects.select_for_update(of=("self",)).get(pk=cooperative.pk)
    for name, value in _columns(certificate).items():
        says_so = (
            name in ("certificate_no", "registered_on") and not row.registration_changes.filter(fact=name).exists()
        )
        if value not in (None, "") and (says_so or getattr(row, name) in (None, "")):
            setattr(row, name, value)
    return enter_cooperative(row, today=today)


def _present(commune: AdminUnit, day: date) -> AdminUnit:
    """Return the commune that stands on ``day`` where ``commune`` was."""
    merged = commune.valid_to is not None and commune.valid_to < day
    return commune.successor if merged and commune.successor else commune


def _district_of(commune: AdminUnit) -> AdminUnit | None:
    """Return the old district of an old commune, which stays the cooperative's area in the old frame."""
    above = commune.parent
    return above if above is not None and above.level == UnitLevel.DISTRICT else None
