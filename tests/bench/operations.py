"""The operations that are measured, each as the requests a browser or a client of the API would send."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from uuid import uuid4
from zoneinfo import ZoneInfo

from tests.bench.facts import VARIANTS, Facts

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


@dataclass(frozen=True)
class Ask:
    """One request: method, path with query, and the fields of its body (sent as ``kind``)."""

    path: str
    fields: dict[str, object] | None = None
    kind: str = FORM

    @property
    def method(self) -> str:
        """POST with a body, GET without."""
        return "GET" if self.fields is None else "POST"

    def body(self, extra: dict[str, str]) -> bytes:
        """Return the body with ``extra`` fields."""
        fields = (self.fields or {}) | extra
        return json.dumps(fields).encode() if self.kind == JSON else urlencode(fields, doseq=True).encode()


@dataclass(frozen=True)
class Operation:
    """One thing people do.

    ``who`` sends it (staff, manager, token, public), ``asks`` gives its variants, ``form`` is the page a browser
    fetches first for the form's token. ``most_queries`` is the target; ``answer`` the right status.
    ``writes``: each request records one row. ``cold``: the cache is emptied before each request.
    """

    name: str
    title: str
    who: str
    asks: Callable[[Facts], list[Ask]]
    most_queries: int
    form: str = ""
    answer: int = 200
    writes: bool = False
    cold: bool = False

    @property
    def bare_folder(self) -> str:
        """The kind of bare view that does the same."""
        by_sender = {"staff": "page", "manager": "page", "public": "public", "token": "api"}
        return "api" if self.name.startswith("api-") else by_sender[self.who]


def _list(facts: Facts) -> list[Ask]:
    found = []
    for topic, month, channel in facts.busiest:
        first, last = _days_of(month)
        query = {"topic": topic, "held_from": f"{first:%d/%m/%Y}", "held_to": f"{last:%d/%m/%Y}", "channel": channel}
        found.append(Ask(f"/tu-van/?{urlencode(query)}"))
    return found


def _search(facts: Facts) -> list[Ask]:
    return [Ask(f"/htx/?{urlencode({'q': words})}") for words in facts.searches]


def _status(facts: Facts) -> list[Ask]:
    return [Ask("/tra-cuu/", {"code": code, "secret": secret}) for code, secret in facts.receipts]


def _api_status(facts: Facts) -> list[Ask]:
    return [Ask("/api/v1/status/", {"code": code, "secret": secret}, JSON) for code, secret in facts.receipts]


def _months(facts: Facts) -> list[Ask]:
    """Return the second year, from January to each of its months: the report people open most."""
    year = int(facts.first_month[:4]) + 1
    months = [f"{year}-{number:02d}" for number in range(1, 13)]
    return [Ask(f"/bao-cao/?{urlencode({'from': months[0], 'to': last})}") for last in months[:VARIANTS]]


def _home(facts: Facts) -> list[Ask]:
    return [Ask("/")]


def _api_list(facts: Facts) -> list[Ask]:
    return [Ask(f"/api/v1/consultations/?page={number}") for number in range(1, VARIANTS + 1)]


def _entry() -> dict[str, object]:
    """Return what an officer types: two topics, an answer, an appointment in ten days."""
    today = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    return {
        "held_on": f"{today:%Y-%m-%d}",
        "channel": "phone",
        "topics": ["tax", "ocop"],
        "question": "HTX hỏi về kê khai thuế quý và hồ sơ OCOP cho miến dong.",
        "advice": "Đã hướng dẫn mẫu tờ khai, gửi danh mục giấy tờ OCOP qua Zalo.",
        "outcome": "follow_up",
        "follow_up_on": f"{today + timedelta(days=10):%Y-%m-%d}",
    }


def _log_by_form(facts: Facts) -> list[Ask]:
    entry = _entry()
    days = {name: _typed(str(entry[name])) for name in ("held_on", "follow_up_on")}
    return [Ask("/tu-van/moi/", entry | days | {"party": f"htx-{pk}"}) for pk in facts.cooperatives]


def _log_by_api(facts: Facts) -> list[Ask]:
    return [Ask("/api/v1/consultations/", _entry() | {"cooperative": pk}, JSON) for pk in facts.cooperatives]


def _typed(day: str) -> str:
    """Return an ISO day as a person types it."""
    return f"{date.fromisoformat(day):%d/%m/%Y}"


def _days_of(month: str) -> tuple[date, date]:
    """Return the first and last day of YYYY-MM."""
    first = date.fromisoformat(f"{month}-01")
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def fresh_id() -> str:
    """Return a new client id, as each form and each sender makes one."""
    return str(uuid4())


#: Those that write come last, so that what they add weighs on no other.
OPERATIONS = [
    Operation("list", "list with filters", "staff", _list, 8),
    Operation("search", "search without accents", "staff", _search, 8),
    Operation("status", "public status, page", "public", _status, 3, form="/tra-cuu/"),
    Operation("api-status", "public status, API", "public", _api_status, 3),
    Operation("month", "month, warm", "manager", _months, 10),
    Operation("month-cold", "month, counted anew", "manager", _months, 14, cold=True),
    Operation("home", "manager's page", "manager", _home, 16),
    Operation("api-list", "API list", "token", _api_list, 4),
    Operation("log-form", "log by form", "staff", _log_by_form, 12, form="/tu-van/moi/", answer=302, writes=True),
    Operation("log-api", "log by API", "token", _log_by_api, 12, answer=201, writes=True),
]
