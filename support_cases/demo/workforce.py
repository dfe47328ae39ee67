"""The human-resource support of the demo set: approved list, placements, confirmed months, payments, classes."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from cooperatives.models import (
    ApprovedSupport,
    Cooperative,
    MonthlyConfirmation,
    Placement,
    TrainingClass,
    TrainingParticipation,
)
from cooperatives.workforce.acts import enter_approved, enter_placement
from cooperatives.workforce.months import counted_months, last_day
from cooperatives.workforce.payments import make_batch, note_paid
from cooperatives.workforce.rules import SupportRules
from cooperatives.workforce.training import enter_participation, enter_training
from htx_portal.accounts.models import User
from support_cases.demo.files import DemoFiles, Row

_COLUMNS = (
    "person_label", "degree", "major", "job", "contract_no", "leave_reason", "result", "exception_note",
)  # fmt: skip
_STANDARD_DAYS = Decimal(26)
_CONFIRMED_AFTER = timedelta(days=5)


def enter_workforce(files: DemoFiles, cooperatives: Mapping[str, Cooperative], people: Mapping[str, User]) -> None:
    """Enter all of it by its own acts. Raises ``BadDataFile``."""
    staff = people["canbo"]
    lines = {}
    for row in files.rows("approved_support"):
        with row.told():
            line = _line(row, cooperatives)
            key = line.cooperative_id, line.decision_no, line.job
            lines[key] = enter_approved(line, by=staff, today=row.today)
    confirmed = []
    rules = SupportRules.load()
    for row in files.rows("placements"):
        with row.told():
            placement = enter_placement(_placement(row, cooperatives, lines))
            confirmed += _confirmations(row, placement, rules, staff)
    # Three hundred months by the act that confirms one would be most of the loading.
    MonthlyConfirmation.objects.bulk_create(confirmed, batch_size=200)
    _pay(files, staff)
    _train(files, cooperatives)


def _line(row: Row, cooperatives: Mapping[str, Cooperative]) -> ApprovedSupport:
    return ApprovedSupport(
        cooperative=cooperatives[row.text("cooperative")],
        decision_no=row.text("decision_no"),
        decided_on=row.day("decided_on"),
        job=row.text("job"),
        posts=row.number("posts"),
        valid_from=row.day("valid_from"),
        valid_to=row.day("valid_to"),
        source=row.text("source"),
    )


def _placement(row: Row, cooperatives: Mapping[str, Cooperative], lines: Mapping) -> Placement:
    cooperative = cooperatives[row.text("cooperative")]
    return Placement(
        cooperative=cooperative,
        approved=lines[cooperative.pk, row.text("decision_no"), row.text("job")],
        started_on=row.day("started_on"),
        ends_on=row.day("ends_on"),
        left_on=row.day("left_on"),
        **{name: row.text(name) for name in _COLUMNS},
    )


def _confirmations(row: Row, placement: Placement, rules: SupportRules, staff: User) -> list[MonthlyConfirmation]:
    """Return the confirmations of all months that are over but the last ``unconfirmed``."""
    over = [month for month in counted_months(placement, rules) if last_day(month) + _CONFIRMED_AFTER <= row.today]
    kept = over[: len(over) - (row.number("unconfirmed") or 0)]
    return [
        MonthlyConfirmation(
            placement=placement,
            month=month,
            # Between 22 and 26 days, the same on every machine.
            days_worked=_STANDARD_DAYS - (placement.started_on.day + month.month) % 5,
            standard_days=_STANDARD_DAYS,
            confirmed_on=last_day(month) + _CONFIRMED_AFTER,
            confirmed_by=staff,
        )
        for month in kept
    ]


def _pay(files: DemoFiles, staff: User) -> None:
    for row in files.rows("payment_batches"):
        with row.told():
            batch = make_batch(
                row.text("number"),
                from_month=row.day("from_month"),
                to_month=row.day("to_month"),
                decided_on=row.day("decided_on"),
                note=row.text("note"),
                by=staff,
                today=row.today,
            )
            if paid_on := row.day("paid_on"):
                note_paid(batch, paid_on, today=row.today)


def _train(files: DemoFiles, cooperatives: Mapping[str, Cooperative]) -> None:
    classes = {}
    for row in files.rows("training_classes"):
        with row.told():
            training = TrainingClass(
                started_on=row.day("started_on"),
                ended_on=row.day("ended_on"),
                cost=row.number("cost"),
                **{name: row.text(name) for name in ("name", "organiser", "place", "cost_source")},
            )
            classes[row.text("key")] = enter_training(training, today=row.today)
    for row in files.rows("training_participations"):
        with row.told():
            enter_participation(
                TrainingParticipation(
                    training=classes[row.text("training")],
                    cooperative=cooperatives[row.text("cooperative")],
                    participants=row.number("participants"),
                    women=row.number("women"),
                    ethnic_minority=row.number("ethnic_minority"),
                )
            )
