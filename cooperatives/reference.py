"""Reference files into the tables of the register: missing rows are added, all others left alone."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from cooperatives.choices import UnitLevel
from cooperatives.models import (
    AdminUnit,
    Agency,
    ConditionalLine,
    DeadlineOverride,
    Holiday,
    LegalRule,
    LoanProgramme,
    OcopProductSet,
    RegistrationProcedure,
    TaxObligation,
    VsicChange,
    VsicLine,
)

#: From the top down, so that a parent is there before its children.
_LEVELS = (UnitLevel.PROVINCE, UnitLevel.DISTRICT, UnitLevel.COMMUNE)
_UNIT_COLUMNS = ("code", "valid_from", "valid_to", "level", "kind", "name")
_UNIT_KEY = ("code", "valid_from")
_AGENCY_COLUMNS = (
    "code", "kind", "name_vi", "name_en", "valid_from", "valid_to", "phone", "legal_document", "article",
    "confidence", "note",
)  # fmt: skip


class BadDataFile(Exception):
    """A data file cannot be read or contradicts itself; the message names file and line."""


def load_register_reference(folder: Path) -> Counter[str]:
    """Add what the tables of the register lack of their reference files; return rows added by file.

    All in one transaction; a second run costs one query a table and adds nothing.

    Raises:
        BadDataFile: and nothing is written.
    """
    with transaction.atomic():
        return Counter(
            {
                "units.csv": _add_units(folder / "units.csv"),
                "vsic.csv": add_missing(folder / "vsic.csv", VsicLine, ("version", "code"), VsicLine.refresh_keys),
                "vsic_changes.csv": add_missing(
                    folder / "vsic_changes.csv", VsicChange, ("from_version", "from_code", "to_version", "to_code")
                ),
                "conditional_lines.csv": add_missing(
                    folder / "conditional_lines.csv", ConditionalLine, ("version", "code", "licence", "valid_from")
                ),
                "legal_rules.csv": add_missing(folder / "legal_rules.csv", LegalRule, ("key", "valid_from")),
                "agencies.csv": _add_agencies(folder / "agencies.csv"),
                "holidays.csv": add_missing(folder / "holidays.csv", Holiday, ("day",)),
                "loan_programmes.csv": add_missing(
                    folder / "loan_programmes.csv", LoanProgramme, ("code", "valid_from")
                ),
                "ocop_product_sets.csv": add_missing(
                    folder / "ocop_product_sets.csv", OcopProductSet, ("code", "valid_from")
                ),
                "procedures.csv": add_missing(folder / "procedures.csv", RegistrationProcedure, ("code", "valid_from")),
                "tax_obligations.csv": add_missing(
                    folder / "tax_obligations.csv", TaxObligation, ("code", "valid_from")
                ),
                "tax_overrides.csv": add_missing(
                    folder / "tax_overrides.csv", DeadlineOverride, ("obligation_code", "period")
                ),
            }
        )


def add_missing(
    path: Path,
    model: type[models.Model],
    key: Sequence[str],
    prepare: Callable[[Any], None] = lambda row: None,
) -> int:
    """Insert the rows of a file whose ``key`` columns the table lacks and return how many those were.

    The header names the columns of ``model``; ``prepare`` is called on each row before it is written.

    Raises:
        BadDataFile: for a column that does not exist, a value a column refuses, a key given twice.
    """
    known = set(model._default_manager.values_list(*key))
    rows = [row for keyed, row, _cells in _checked_rows(path, model, key) if keyed not in known]
    for row in rows:
        prepare(row)
    _insert(path, model, rows)
    return len(rows)


def _add_units(path: Path) -> int:
    """Insert missing units level by level, then join the new ones to what they were merged into."""
    known = {(unit.code, unit.valid_from): unit for unit in AdminUnit.objects.all()}
    fresh = [
        (keyed, unit, cells)
        for keyed, unit, cells in _checked_rows(path, AdminUnit, _UNIT_KEY, _UNIT_COLUMNS)
        if keyed not in known
    ]
    for level in _LEVELS:
        added = [line for line in fresh if line[1].level == level]
        for keyed, unit, cells in added:
            unit.parent = _named_unit(path, keyed, cells, "parent", known)
        _insert(path, AdminUnit, [unit for _keyed, unit, _cells in added])
        known.update((keyed, unit) for keyed, unit, _cells in added)
    for keyed, unit, cells in fresh:
        unit.successor = _named_unit(path, keyed, cells, "successor", known)
    merged = [unit for _keyed, unit, _cells in fresh if unit.successor_id]
    AdminUnit.objects.bulk_update(merged, ["successor"], batch_size=200)
    return len(fresh)


def _add_agencies(path: Path) -> int:
    """Insert missing agencies with their areas, then join the new ones to who took over from them."""
    known = {agency.code: agency for agency in Agency.objects.all()}
    lines = list(_checked_rows(path, Agency, ("code",), _AGENCY_COLUMNS))
    fresh = [(keyed, agency, cells) for keyed, agency, cells in lines if agency.code not in known]
    units = {(unit.code, unit.valid_from): unit for unit in AdminUnit.objects.all()} if fresh else {}
    for keyed, agency, cells in fresh:
        agency.unit = _named_unit(path, keyed, cells, "unit", units)
        agency.refresh_keys()
    _insert(path, Agency, [agency for _keyed, agency, _cells in fresh])
    known.update((agency.code, agency) for _keyed, agency, _cells in fresh)
    for keyed, agency, cells in fresh:
        agency.successor = _named_agency(path, keyed, cells, known)
    taken_over = [agency for _keyed, agency, _cells in fresh if agency.successor_id]
    Agency.objects.bulk_update(taken_over, ["successor"], batch_size=200)
    return len(fresh)


def _named_agency(path: Path, keyed, cells, known) -> Agency | None:
    """Return the agency the cells name as successor, or None where they are empty."""
    code = cells["successor_code"]
    if code and code not in known:
        raise BadDataFile(
            _("%(file)s: cơ quan %(agency)s trỏ tới cơ quan không có: %(code)s.")
            % {"file": path.name, "agency": keyed[0], "code": code}
        )
    return known.get(code)


def _named_unit(path: Path, keyed, cells, role: str, known) -> AdminUnit | None:
    """Return the unit the cells name as ``role`` (parent, successor), or None where they are empty."""
    code, start = cells[f"{role}_code"], cells[f"{role}_valid_from"]
    if not code:
        return None
    found = known.get((code, AdminUnit._meta.get_field("valid_from").to_python(start)))
    if found is None:
        raise BadDataFile(
            _("%(file)s: đơn vị %(unit)s trỏ tới đơn vị không có: %(code)s từ %(start)s.")
            % {"file": path.name, "unit": keyed[0], "code": code, "start": start}
        )
    return found


def _checked_rows(path: Path, model, key: Sequence[str], columns: Sequence[str] | None = None) -> Iterator:
    """Yield the key, the unsaved row and the cells of every line, each checked as its columns demand."""
    seen: set[tuple] = set()
    skipped = {field.name for field in model._meta.fields if field.is_relation}
    for line, cells in numbered_rows(path):
        try:
            row = model(**{name: _cell(model, name, cells[name]) for name in columns or cells})
            row.clean_fields(exclude=skipped)
        except (KeyError, TypeError, FieldDoesNotExist) as error:
            raise BadDataFile(at_line(path, line, _("cột không khớp"))) from error
        except ValidationError as refusal:
            said = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in refusal.message_dict.items())
            raise BadDataFile(at_line(path, line, said)) from refusal
        keyed = tuple(getattr(row, name) for name in key)
        if keyed in seen:
            raise BadDataFile(at_line(path, line, _("khóa này đã có ở dòng trên")))
        seen.add(keyed)
        yield keyed, row, cells


def numbered_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line number and cells of each row of a CSV file with a header; a leading BOM is no harm.

    Raises:
        BadDataFile: when the file cannot be read or a line has more or fewer cells than the header.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restkey="", strict=True)
            for cells in reader:
                if "" in cells or None in cells.values():
                    raise BadDataFile(at_line(path, reader.line_num, _("số ô không khớp với dòng tiêu đề")))
                yield reader.line_num, cells
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadDataFile(_("Không đọc được %(file)s: %(reason)s") % {"file": path.name, "reason": error}) from error


def _cell(model, name: str, text: str) -> str | None:
    """Return the value for a column: an empty cell of a nullable column means no value."""
    return None if not text and model._meta.get_field(name).null else text


def _insert(path: Path, model, rows: list) -> None:
    """Write new rows at once; what a constraint of the table refuses is told with the file's name."""
    try:
        model._default_manager.bulk_create(rows, batch_size=200)
    except IntegrityError as clash:
        raise BadDataFile(
            _("%(file)s: bảng không nhận dữ liệu (%(reason)s).") % {"file": path.name, "reason": clash}
        ) from clash


def at_line(path: Path, line: int, what: str) -> str:
    """Return a message in one line that names the file, the line in it and what is wrong there."""
    return _("%(file)s, dòng %(line)s: %(what)s.") % {"file": path.name, "line": line, "what": what.rstrip(".")}
