"""The tallies: a table of them, filled from the entries there are."""

from collections import defaultdict
from datetime import date, timedelta

from django.db import migrations, models
from django.db.models import CharField, Count, F, Max, Min, Value
from django.db.models.functions import Cast, Coalesce

BLOCK, PLANE = 4096, 512


def half_months(first: date, last: date):
    """Yield the first day of each half-month, and that of the one after it."""
    day = first.replace(day=15 if first.day >= 15 else 1)
    while day <= last:
        after = day.replace(day=15) if day.day == 1 else (day + timedelta(days=17)).replace(day=1)
        yield day, after
        day = after


def stored(numbers) -> bytes:
    """Return pairs of place and number as binary planes, the lowest first."""
    planes = bytearray()
    for place, number in numbers:
        planes.extend(bytes(max(number.bit_length() * PLANE - len(planes), 0)))
        for k in range(number.bit_length()):
            planes[k * PLANE + place // 8] |= (number >> k & 1) << place % 8
    return bytes(planes)


def fill(apps, schema_editor):
    """Count the entries that stand, one half-month after the other."""
    entries = apps.get_model("support_cases", "Consultation").objects.filter(voided_at=None).order_by()
    tally = apps.get_model("support_cases", "Tally")
    days = entries.aggregate(first=Min("held_on"), last=Max("held_on"))
    lines = [
        ("total", "cooperative", Value("")),
        ("channel", "cooperative", F("channel")),
        ("officer", "cooperative", Cast("officer", CharField())),
        ("topic", "cooperative", Coalesce(F("topics__topic"), Value(""))),
        ("founding_groups", "founding_group", Value("")),
    ]
    for day, after in half_months(days["first"], days["last"]) if days["first"] else ():
        found = defaultdict(list)
        for dimension, party, key in lines:
            held = entries.filter(held_on__gte=day, held_on__lt=after, **{f"{party}__isnull": False})
            for name, number, n in held.annotate(key=key).values_list("key", party).annotate(n=Count("*")):
                found[f"{dimension}|{name}", number // BLOCK].append((number % BLOCK, n))
        tally.objects.bulk_create(
            [
                tally(half_month=day, line=line, block=block, counts=stored(numbers))
                for (line, block), numbers in found.items()
            ],
            batch_size=500,
        )


class Migration(migrations.Migration):
    dependencies = [("support_cases", "0021_period_ended")]

    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("half_month", models.DateField()),
                ("line", models.CharField(max_length=48)),
                ("block", models.PositiveIntegerField()),
                ("counts", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("half_month", "line", "block"), name="support_one_tally_each")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="consultation",
            index=models.Index(fields=["recorded_at"], name="consultation_by_recording"),
        ),
        migrations.AddIndex(
            model_name="consultation",
            index=models.Index(
                condition=models.Q(voided_at__isnull=False), fields=["voided_at"], name="consultation_by_voiding"
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
