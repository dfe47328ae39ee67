"""The referrals of the demo set: some answered, some waiting, one so late that the leaders were told."""

from collections.abc import Mapping

from cooperatives.models import Agency
from support_cases.demo.files import DemoFiles
from support_cases.demo.work import afternoon_of, tell_when_recorded
from support_cases.models import Case, Referral
from support_cases.referrals import answer, escalate_late, refer


def send_referrals(files: DemoFiles, cases: Mapping[str, Case]) -> None:
    """Send the referrals of the set, log their answers, escalate what is too late. Raises ``BadDataFile``."""
    agencies = {agency.code: agency for agency in Agency.objects.all()}
    sent = []
    for row in files.rows("referrals"):
        with row.told():
            case = cases[row.text("case")]
            referral = refer(
                case,
                agencies[row.text("agency")],
                row.text("question"),
                by=case.officer,
                today=row.today,
                sent_on=row.day("sent_on"),
                expected_on=row.day("expected_on"),
                letter_no=row.text("letter_no"),
            )
            day = row.day("answered_on")
            if day:
                said = row.text("answer_kind"), row.text("answer")
                referral = answer(referral, *said, by=case.officer, today=row.today, answered_on=day)
            referral.recorded_at = afternoon_of(referral.sent_on)
            sent.append(referral)
    Referral.objects.bulk_update(sent, ["recorded_at"])
    escalate_late(files.today)
    for referral in sent:
        tell_when_recorded(referral.case)
