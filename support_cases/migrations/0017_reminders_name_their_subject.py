from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('support_cases', '0016_reminders_of_follow_ups'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='reminder',
            name='follow_up',
        ),
        migrations.RemoveField(
            model_name='reminder',
            name='lease_until',
        ),
        migrations.RemoveField(
            model_name='reminder',
            name='token',
        ),
        migrations.AddIndex(
            model_name='reminder',
            index=models.Index(condition=models.Q(('message__isnull', True), ('state', 'due')), fields=['recipient', 'channel', 'run_at'], name='reminder_to_bundle'),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.UniqueConstraint(fields=('rule', 'subject', 'occurrence_on', 'recipient', 'channel'), name='support_one_reminder_per_occasion'),
        ),
    ]
