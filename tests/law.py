"""The reference rows for tests that count by the law as it is shipped."""

import csv
from collections import defaultdict

from django.conf import settings

from cooperatives.calendar import WorkCalendar
from cooperatives.governance.lawbook import Lawbook
from cooperatives.models import Holiday, LegalRule


def rules_as_shipped() -> list[LegalRule]:
    """Return the rules of the reference file as unsaved rows."""
    return [_row(cells, LegalRule) for cells in _cells("legal_rules")]


def load_rules() -> None:
    """Write the rules and the holidays of the reference files."""
    LegalRule.objects.bulk_create(rules_as_shipped())
    Holiday.objects.bulk_create([_row(cells, Holiday) for cells in _cells("holidays")])


def lawbook(calendar: WorkCalendar | None = None) -> Lawbook:
    """Return the rules of the reference file as a book, without a database."""
    rules = defaultdict(list)
    for rule in rules_as_shipped():
        rules[rule.key].append(rule)
    return Lawbook(rules, calendar or WorkCalendar())


def _cells(name: str) -> list[dict[str, str]]:
    with (settings.FIXTURES_DIR / "reference" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _row(cells: dict[str, str], model):
    """Return an unsaved row with each cell as its column reads it; an empty day is none."""
    columns = {name: model._meta.get_field(name) for name in cells}
    return model(
        **{name: columns[name].to_python(text) if text else _nothing(columns[name]) for name, text in cells.items()}
    )


def _nothing(column):
    return None if column.null else ""
