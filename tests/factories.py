"""Rows for tests, made by the same acts the pages call, so that a test starts from what can really exist."""

import csv
from datetime import date, timedelta
from itertools import count, groupby
from uuid import uuid4

from django.conf import settings
from django.utils import timezone

from cooperatives.choices import UnitKind, UnitLevel
from cooperatives.models import AdminUnit, Cooperative, FoundingGroup
from cooperatives.register import enter_cooperative
from htx_portal.accounts.models import Membership, Role, User
from support_cases.cases import change_case, open_case
from support_cases.consultations import Entry, log_consultation
from support_cases.models import Case, Consultation

PASSWORD = "a-long-test-password"
LAST_OLD_DAY = date(2025, 6, 30)
_numbers = count(1)


def make_user(role=Role.STAFF, *, cooperative: Cooperative | None = None, **fields) -> User:
    """Return an account with ``role`` and the password ``PASSWORD``, acting for ``cooperative`` if given."""
    number = next(_numbers)
    fields.setdefault("username", f"{role}-{number}")
    fields.setdefault("full_name", f"Nguyễn Văn Thử {number}")
    user = User.objects.create_user(
        password=PASSWORD, role=role, is_staff=role == Role.ADMIN, is_superuser=role == Role.ADMIN, **fields
    )
    if cooperative is not None:
        Membership.objects.create(user=user, cooperative=cooperative, since=timezone.localdate())
    return user


def make_commune(
    name: str = "Đồng Phúc", *, code: str = "01933", district: str = "Ba Bể", district_code: str = "061"
) -> AdminUnit:
    """Return an old commune with its district, its province and the new commune it was merged into.

    Names and codes default to a real place; asked for again, the same rows come back.
    """
    began = date(1900, 1, 1)
    old_province = _unit("06", began, UnitLevel.PROVINCE, UnitKind.TINH, "Bắc Kạn", valid_to=LAST_OLD_DAY)
    province = _unit("19", began, UnitLevel.PROVINCE, UnitKind.TINH, "Thái Nguyên")
    old_district = _unit(
        district_code,
        began,
        UnitLevel.DISTRICT,
        UnitKind.HUYEN,
        district,
        parent=old_province,
        valid_to=LAST_OLD_DAY,
    )
    merged = _unit(code, date(2025, 7, 1), UnitLevel.COMMUNE, UnitKind.XA, name, parent=province)
    return _unit(
        code, began, UnitLevel.COMMUNE, UnitKind.XA, name,
        parent=old_district, successor=merged, valid_to=LAST_OLD_DAY,
    )  # fmt: skip


def load_reference_units() -> None:
    """Write all units of the reference file; parents before children, merged units before their parts."""
    if AdminUnit.objects.count() > 100:
        return
    with (settings.FIXTURES_DIR / "reference" / "units.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    levels = [UnitLevel.PROVINCE, UnitLevel.DISTRICT, UnitLevel.COMMUNE]

    def order(row):
        return levels.index(row["level"]), bool(row["successor_code"])

    known = {(unit.code, unit.valid_from.isoformat()): unit for unit in AdminUnit.objects.all()}
    for _order, group in groupby(sorted(rows, key=order), key=order):
        missing = [row for row in group if (row["code"], row["valid_from"]) not in known]
        made = AdminUnit.objects.bulk_create(
            AdminUnit(
                code=row["code"],
                valid_from=date.fromisoformat(row["valid_from"]),
                level=row["level"],
                kind=row["kind"],
                name=row["name"],
                parent=known.get((row["parent_code"], row["parent_valid_from"])),
                successor=known.get((row["successor_code"], row["successor_valid_from"])),
                valid_to=row["valid_to"] or None,
            )
            for row in missing
        )
        known |= {(unit.code, unit.valid_from.isoformat()): unit for unit in made}


def make_cooperative(name: str | None = None, *, commune: AdminUnit | None = None, **fields) -> Cooperative:
    """Return a cooperative of the register, entered as staff would, registered on 15/03/2021 by default."""
    fields.setdefault("kind", "htx")
    fields.setdefault("registered_on", date(2021, 3, 15))
    name = name or f"Hợp tác xã Thử nghiệm {next(_numbers)}"
    row = Cooperative(name=name, commune=commune or make_commune(), **fields)
    return enter_cooperative(row, today=timezone.localdate())


def make_founding_group(name: str | None = None, *, commune: AdminUnit | None = None, **fields) -> FoundingGroup:
    """Return a founding group, formed on 10/01/2023 unless told otherwise."""
    fields.setdefault("formed_on", date(2023, 1, 10))
    name = name or f"Nhóm sáng lập thử {next(_numbers)}"
    return FoundingGroup.objects.create(name=name, commune=commune or make_commune(), **fields)


def make_case(party=None, *, topic: str = "ocop", by: User | None = None, today: date | None = None, **fields) -> Case:
    """Return an open case of ``party`` (a new cooperative by default), opened ``today`` by ``by``.

    The checklist is what the rules in the database ask for, which is nothing until rules are written.
    """
    fields.setdefault("title", "Đưa miến dong tham gia OCOP")
    return open_case(
        party=party or make_cooperative(),
        topic=topic,
        by=by or make_user(),
        today=today or timezone.localdate(),
        **fields,
    )


def change(case: Case, changes: dict, *, version: int | None = None) -> Case:
    """Return the case changed today by its own officer."""
    return change_case(case, changes, by=case.officer, today=timezone.localdate(), version=version)


def make_consultation(party=None, *, by: User | None = None, today: date | None = None, **fields) -> Consultation:
    """Return a consultation recorded by ``by``, held yesterday unless ``held_on`` says otherwise."""
    today = today or timezone.localdate()
    officer = fields.pop("officer", None)
    values = {
        "client_id": uuid4(),
        "held_on": today - timedelta(days=1),
        "channel": "office",
        "topics": ["ocop"],
        "question": "HTX hỏi về hồ sơ OCOP.",
        "advice": "Đã hướng dẫn các giấy tờ cần có.",
        "outcome": "answered",
    } | fields
    entry = Entry(party=party or make_cooperative(), **values)
    row, _ = log_consultation(entry, by=by or make_user(), today=today, officer=officer)
    return row


def _unit(code, valid_from, level, kind, name, **fields) -> AdminUnit:
    """Return the unit with this key, made when it is not there yet."""
    row, _ = AdminUnit.objects.get_or_create(
        code=code, valid_from=valid_from, defaults={"level": level, "kind": kind, "name": name, **fields}
    )
    return row
