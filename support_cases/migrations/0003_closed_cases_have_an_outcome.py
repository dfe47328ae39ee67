from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('support_cases', '0002_kinds_in_depth'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_on__isnull', True), ('outcome', '')), models.Q(('closed_on__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='support_case_closed_has_an_outcome', violation_error_message='Hồ sơ đã kết thúc phải có kết quả hỗ trợ.'),
        ),
    ]
