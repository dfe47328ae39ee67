"""All obligations the portal counts."""

from cooperatives.governance.meeting_duties import AnnualCongress, Revocation, TermEnd
from cooperatives.governance.paper_duties import AnnualUpdateDuty, Capital, CapitalAgain, CharterDuty

#: In the order of ObligationKind.
DUTIES = (
    TermEnd(),
    AnnualCongress(),
    Revocation(),
    AnnualUpdateDuty(),
    CharterDuty(),
    Capital(),
    CapitalAgain(),
)
