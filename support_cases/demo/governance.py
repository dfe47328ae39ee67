"""General meetings and yearly updates of the demo set, by the acts that note real ones."""

from collections.abc import Mapping

from cooperatives.governance.acts import file_annual_update, record_congress
from cooperatives.models import Cooperative
from support_cases.demo.files import DemoFiles


def enter_governance(files: DemoFiles, cooperatives: Mapping[str, Cooperative]) -> None:
    """Note the meetings held, all with their quorum, and the updates sent. Raises ``BadDataFile``."""
    for row in files.rows("congresses"):
        with row.told():
            figures = {name: row.text(name) for name in ("kind", "resolution_no", "decisions")}
            figures |= {name: row.number(name) for name in ("call_no", "official_members", "present")}
            figures |= {"held_on": row.day("held_on"), "quorum_met": True}
            record_congress(cooperatives[row.text("cooperative")], figures, today=files.today)
    for row in files.rows("annual_updates"):
        with row.told():
            cooperative = cooperatives[row.text("cooperative")]
            file_annual_update(cooperative, row.number("year"), row.day("filed_on"), by=None, today=files.today)
