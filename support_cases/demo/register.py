"""The register of the demo set: cooperatives, founding groups and what hangs on a cooperative."""

from collections.abc import Mapping
from dataclasses import dataclass

from cooperatives.models import (
    AdminUnit,
    BusinessLine,
    Cooperative,
    FoundingGroup,
    Term,
    VsicLine,
)
from cooperatives.register import enter_cooperative
from htx_portal.accounts.models import Membership, User
from support_cases.demo.files import DemoFiles, Row
from support_cases.demo.governance import enter_governance
from support_cases.demo.loans import enter_loans
from support_cases.demo.ocop import enter_ocop
from support_cases.demo.workforce import enter_workforce

#: The cooperative that the account ``htx`` acts for.
OWN_COOPERATIVE = "htx-dong-phuc"
_AS_WRITTEN = (
    "name",
    "kind",
    "tax_code",
    "certificate_no",
    "representative",
    "phone",
    "email",
    "legal_status",
    "actual_state",
    "charter_review",
    "main_activity",
    "address",
)
Party = Cooperative | FoundingGroup


@dataclass(frozen=True)
class Register:
    """The parties entered, by the keys the other files name them with."""

    parties: Mapping[str, Party]
    cooperatives: int
    founding_groups: int


def enter_register(files: DemoFiles, people: Mapping[str, User]) -> Register:
    """Enter everything of the register and return the parties. Raises ``BadDataFile``."""
    units = {
        (unit.code, unit.valid_from): unit
        for unit in AdminUnit.objects.select_related("parent", "successor", "successor__parent")
    }
    cooperatives = {row.text("key"): _cooperative(row, units) for row in files.rows("cooperatives")}
    groups = {row.text("key"): _founding_group(row, units) for row in files.rows("founding_groups")}
    _enter_business_lines(files, cooperatives)
    _enter_terms(files, cooperatives)
    enter_governance(files, cooperatives)
    enter_ocop(files, cooperatives)
    enter_loans(files, cooperatives, people["canbo"])
    enter_workforce(files, cooperatives, people)
    Membership.objects.create(user=people["htx"], cooperative=cooperatives[OWN_COOPERATIVE], since=files.today)
    return Register({**cooperatives, **groups}, len(cooperatives), len(groups))


def _cooperative(row: Row, units: Mapping) -> Cooperative:
    with row.told():
        cooperative = Cooperative(
            commune=_commune(row, units),
            registered_on=row.day("registered_on"),
            members=row.number("members"),
            charter_capital=row.number("charter_capital"),
            capital_paid_on=row.day("capital_paid_on"),
            is_demo=True,
            **{name: row.text(name) for name in _AS_WRITTEN},
        )
        if row.text("old_district"):
            cooperative.old_district = _bearer(units, row.text("old_district"))
        return enter_cooperative(cooperative, today=row.today)


def _founding_group(row: Row, units: Mapping) -> FoundingGroup:
    with row.told():
        group = FoundingGroup(
            name=row.text("name"),
            commune=_commune(row, units),
            contact=row.text("contact"),
            phone=row.text("phone"),
            formed_on=row.day("formed_on"),
            is_demo=True,
        )
        return _kept(group)


def _commune(row: Row, units: Mapping) -> AdminUnit:
    return units[row.text("commune_code"), row.day("commune_valid_from")]


def _bearer(units: Mapping, code: str) -> AdminUnit:
    """Return the only unit that ever carried a district's code."""
    (unit,) = [unit for (borne, _start), unit in units.items() if borne == code]
    return unit


def _enter_business_lines(files: DemoFiles, cooperatives: Mapping[str, Cooperative]) -> None:
    lines = {(line.version, line.code): line for line in VsicLine.objects.all()}
    for row in files.rows("business_lines"):
        with row.told():
            _kept(
                BusinessLine(
                    cooperative=cooperatives[row.text("cooperative")],
                    line=lines[row.text("version"), row.text("code")],
                    detail=row.text("detail"),
                    is_main=row.text("is_main") == "1",
                    valid_from=row.day("valid_from"),
                    valid_to=row.day("valid_to"),
                    legal_basis=row.text("legal_basis"),
                )
            )


def _enter_terms(files: DemoFiles, cooperatives: Mapping[str, Cooperative]) -> None:
    for row in files.rows("terms"):
        with row.told():
            _kept(
                Term(
                    cooperative=cooperatives[row.text("cooperative")],
                    body=row.text("body"),
                    started_on=row.day("started_on"),
                    ends_on=row.day("ends_on"),
                    chair=row.text("chair"),
                )
            )


def _kept(row):
    """Check a new row as a form would, save it and return it."""
    row.full_clean(exclude=["search_key"] if hasattr(row, "search_key") else [])
    row.save(force_insert=True)
    return row
