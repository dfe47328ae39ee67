from django.db import migrations
from django.utils import timezone

BATCH = 500


def name_subjects(apps, schema_editor):
    """Say of every row of the old ledger what it is about, and give the mails in trouble a message to be sent by."""
    Reminder = apps.get_model("support_cases", "Reminder")
    Message = apps.get_model("support_cases", "ReminderMessage")
    # Whoever held these is gone: the portal stands still while it is upgraded.
    Reminder.objects.filter(state="claimed").update(state="due")
    Reminder.objects.filter(state="sending").update(state="unknown", reason="interrupted")
    # What is read in the portal itself cannot be sent twice, so it is simply put there now.
    Reminder.objects.filter(channel="app", state__in=("failed", "unknown")).update(state="due", reason="", attempts=0)
    last = 0
    while rows := list(
        Reminder.objects.filter(pk__gt=last).select_related("follow_up__consultation").order_by("pk")[:BATCH]
    ):
        last = rows[-1].pk
        for row in rows:
            entry = row.follow_up.consultation
            row.subject = f"consultation/{entry.pk}"
            row.anchor_on = row.occurrence_on
            row.cooperative_id, row.founding_group_id = entry.cooperative_id, entry.founding_group_id
            if row.channel == "mail" and row.state in ("failed", "unknown"):
                row.message = Message.objects.create(
                    recipient_id=row.recipient_id, channel="mail", state=row.state, reason=row.reason,
                    identity=f"<htx-reminder-{row.pk}-{row.created_at:%Y%m%d%H%M%S}@localhost>",
                    run_at=row.run_at, attempts=row.attempts, created_at=timezone.now(),
                )
        Reminder.objects.bulk_update(
            rows, ["subject", "anchor_on", "cooperative", "founding_group", "message"], batch_size=BATCH
        )


class Migration(migrations.Migration):

    dependencies = [
        ('support_cases', '0015_reminders_of_every_kind'),
    ]

    operations = [
        migrations.RunPython(name_subjects, migrations.RunPython.noop),
    ]
