"""How many lượt each cooperative had in a half-month, kept beside the entries for large reports."""

from django.db import models


class Tally(models.Model):
    """Lượt of the cooperatives of one block in one half-month, on one line of the report.

    ``line`` is a dimension and a key of it, as in ``topic|loan``; ``block`` numbers runs of cooperatives by their
    primary keys. ``counts`` holds one number for each cooperative of the block in binary planes, see
    :mod:`support_cases.reports.planes`. Only entries that stand are in it; whoever writes or voids an entry changes
    it in the same transaction. Where a cooperative lies is not in it: that is asked of the register.
    """

    half_month = models.DateField()
    line = models.CharField(max_length=48)
    block = models.PositiveIntegerField()
    counts = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["half_month", "line", "block"], name="support_one_tally_each"),
        ]

    def __str__(self):
        return f"{self.half_month:%d/%m/%Y} {self.line} {self.block}"
