"""The walls of the house: who may import whom, what a file may be, nothing left lying about."""

import ast
import re
import statistics
from pathlib import Path

import pytest
from django.template.base import Lexer, TokenType
from django.views import csrf, defaults

from htx_portal.celery import SCHEDULE, app
from tests import house, templates
from tests.portal_world import named_patterns

# Lowest first. A module may import what lies on lower storeys; on its own storey only its own room, which is
# everything below one of these names. The longest name that fits is the room of a module.
STOREYS = (
    # What accounts and register ask of Django's admin site alike.
    ("htx_portal.admin_fields",),
    # Words and pure rules, and people: anything may stand on them.
    (
        "cooperatives",
        "cooperatives.calendar",
        "cooperatives.choices",
        "cooperatives.errors",
        "cooperatives.ocop_choices",
        "cooperatives.tax_code",
        "cooperatives.text",
        "htx_portal",
        "htx_portal.accounts",
        "htx_portal.catalogues",
        "htx_portal.embedded",
        "htx_portal.formats",
        "htx_portal.pagination",
        "htx_portal.templatetags",
        "support_cases",
        "support_cases.choices",
        "support_cases.reports.charts",
        "support_cases.reports.periods",
    ),
    # The register and the kinds of support; what the door needs before anything is shown.
    (
        "cooperatives.form_fields",
        "cooperatives.models",
        "cooperatives.templatetags",
        "htx_portal.admin_site",
        "htx_portal.api_errors",
        "htx_portal.menu",
        "htx_portal.settings",
        "htx_portal.throttles",
        "support_cases.reasons",
        "support_cases.templatetags",
    ),
    # The acts of the register, one room for each subject.
    (
        "cooperatives.access",
        "cooperatives.agencies",
        "cooperatives.ocop",
        "cooperatives.reference",
        "cooperatives.register",
        "cooperatives.tax_calendar",
        "cooperatives.workforce",
        "cooperatives.yearly",
    ),
    # These stand on the rules for entering a cooperative.
    ("cooperatives.governance", "cooperatives.lending", "cooperatives.lines", "cooperatives.registration"),
    # A kind of support reads and changes the register by these acts.
    ("support_cases.support_types",),
    ("support_cases.clock", "support_cases.models", "support_cases.stages"),
    # What every act on a case is made of, and what a worker holds while it works, then its papers.
    ("support_cases.details", "support_cases.leases", "support_cases.overtaking", "support_cases.records"),
    ("support_cases.papers",),
    (
        "support_cases.access",
        "support_cases.cases",
        "support_cases.public_status",
        "support_cases.reports",
    ),
    # An export is given a report's figures, so it stands above the reports.
    (
        "support_cases.bases",
        "support_cases.case_rows",
        "support_cases.closings",
        "support_cases.consultations",
        "support_cases.estimates",
        "support_cases.exports",
        "support_cases.extensions",
        "support_cases.referrals",
        "support_cases.reminders",
        "support_cases.targets",
        "support_cases.workflow",
    ),
    # What every act writes into a history, in words; a closing is checked against the rows it counted.
    ("support_cases.closing_checks", "support_cases.drafts", "support_cases.history"),
    # A correction records anew by the act that records everything; new bases are pinned to the cases there are.
    (
        "cooperatives.filters",
        "cooperatives.forms",
        "cooperatives.loan_forms",
        "cooperatives.workforce_forms",
        "support_cases.corrections",
        "support_cases.line_reviews",
        "support_cases.reference",
        # It stands on the exports it writes.
        "support_cases.report_files",
    ),
    (
        "cooperatives.obligation_filter",
        "cooperatives.loan_filters",
        "cooperatives.workforce_filters",
        "cooperatives.ocop_filters",
        "cooperatives.ocop_forms",
        "cooperatives.yearly_forms",
        "support_cases.chaos",
        "support_cases.demo",
        "support_cases.filters",
        "support_cases.forms",
        "support_cases.scale",
    ),
    (
        "cooperatives.admin",
        "cooperatives.api",
        "cooperatives.api_lines",
        "cooperatives.api_loans",
        "cooperatives.api_tax",
        "cooperatives.management",
        "cooperatives.ocop_api",
        "cooperatives.views",
        "cooperatives.workforce_api",
    ),
    (
        "cooperatives.urls",
        "support_cases.admin",
        "support_cases.api",
        "support_cases.clockwork",
        "support_cases.management",
        "support_cases.pages",
        "support_cases.tasks",
    ),
    ("htx_portal.api", "htx_portal.health", "htx_portal.launcher", "htx_portal.management", "support_cases.urls"),
    ("htx_portal.urls",),
)
ROOMS = {room: storey for storey, rooms in enumerate(STOREYS) for room in rooms}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "signals"}
TASKS = "support_cases.tasks"
LONGEST_MODULE, LONG_FUNCTION = 300, 30
MODULES = sorted(house.modules())


def room_of(module: str) -> str:
    """Return the room a module lies in; the whole name of the module wins over a package it is in."""
    parts = module.split(".")
    return next(name for end in range(len(parts), 0, -1) if (name := ".".join(parts[:end])) in ROOMS)


def test_imports_only_point_downwards():
    upwards = [
        f"{module} → {imported}"
        for module in MODULES
        for imported in house.imports(module)
        if room_of(imported) != room_of(module) and ROOMS[room_of(imported)] >= ROOMS[room_of(module)]
    ]
    assert upwards == []


def test_every_room_on_the_plan_is_there():
    assert sorted(room for room in ROOMS if room not in house.modules()) == []


def test_the_register_knows_nothing_of_cases():
    register = [module for module in MODULES if module.split(".")[0] == "cooperatives"]
    knowing = [m for m in register for name in house.foreign_imports(m) if name.split(".")[0] == "support_cases"]
    knowing += [m for m in register for text in house.strings(m) if re.match(r"support(_cases)?[.:]", text)]
    assert knowing == []


def test_nothing_happens_by_signal():
    signals = ("django.dispatch", "django.db.models.signals", "django.core.signals", "django.contrib.auth.signals")
    assert [m for m in MODULES if any(name.startswith(signals) for name in house.foreign_imports(m))] == []


def test_no_drawer_for_everything():
    assert [module for module in MODULES if module.split(".")[-1] in FORBIDDEN_NAMES] == []


def test_imports_stand_at_the_top():
    inner = [
        name
        for module in MODULES
        for name, function in house.functions(module)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inner == []


def test_modules_are_short():
    lengths = {module: len(path.read_text("utf-8").splitlines()) for module, path in house.modules().items()}
    assert {module: n for module, n in lengths.items() if n > LONGEST_MODULE} == {}


def test_nineteen_of_twenty_functions_are_short():
    lengths = [house.length(node) for module in MODULES for _, node in house.functions(module)]
    assert statistics.quantiles(lengths, n=20)[-1] <= LONG_FUNCTION
    assert max(lengths) <= 2 * LONG_FUNCTION


def test_what_is_public_says_what_it_does():
    silent = [
        name
        for module in MODULES
        for name, node in house.public_things(module)
        if not ast.get_docstring(node) and not _is_overload(name)
    ]
    assert silent == []


def _is_overload(name: str) -> bool:
    """Whether Python itself or Django says what a method of this name is for."""
    return name.rsplit(".", 1)[-1].startswith("__") or name.rsplit(".", 1)[-1] in {"clean", "get_queryset"}


def our_files() -> list[Path]:
    """Return the text files of the project that people write, fixtures and compiled catalogues left out."""
    kinds = {".py", ".html", ".txt", ".js", ".css", ".toml", ".md", ".po", ""}
    folders = [*house.PACKAGES, "tests", "docs", ".ci"]
    files = [path for folder in folders for path in (house.ROOT / folder).rglob("*")]
    files += list(house.ROOT.glob("*"))
    return [path for path in files if path.is_file() and path.suffix in kinds and "__pycache__" not in path.parts]


def test_nothing_is_left_to_do_and_no_machine_is_named():
    marks = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b|/ro" r"ot/|/wo" r"rk/|/ho" r"me/\w")
    found = [
        f"{path.relative_to(house.ROOT)}: {match.group()}"
        for path in our_files()
        for match in marks.finditer(path.read_text("utf-8"))
    ]
    assert found == []


# --- Templates ---------------------------------------------------------------------------------------------


def test_every_template_compiles(capsys):
    assert templates.main() == 0, capsys.readouterr().out


def test_every_template_is_used():
    by_django = {
        value for module in (defaults, csrf) for name, value in vars(module).items() if name.endswith("TEMPLATE_NAME")
    }
    by_views = {_template_of(pattern.callback) for _, pattern in named_patterns()}
    by_code = {text for module in MODULES for text in house.strings(module)}
    by_templates = {
        word.strip("'\"")
        for path in house.templates().values()
        for token in Lexer(path.read_text("utf-8")).tokenize()
        if token.token_type == TokenType.BLOCK and token.contents.split()[0] in ("include", "extends")
        for word in token.split_contents()[1:2]
    }
    assert sorted(house.templates().keys() - by_django - by_views - by_code - by_templates) == []


def _template_of(callback) -> str:
    """Return the template a class-based view renders by itself; "" for any other view."""
    return getattr(getattr(callback, "view_class", None), "template_name", None) or ""


# --- Addresses and tasks -----------------------------------------------------------------------------------


def test_every_address_asked_for_by_name_exists():
    names = {name for name, _ in named_patterns()}
    asked = set()
    for path in house.templates().values():
        asked |= set(re.findall(r"{%\s*url\s+['\"]([^'\"]+)['\"]", path.read_text("utf-8")))
    for module in MODULES:
        for node in ast.walk(house.tree(module)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("reverse", "reverse_lazy"):
                asked |= {arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)}
    assert len(asked) > 20
    assert sorted(asked - names) == []


def test_every_scheduled_task_exists_and_does_not_pile_up():
    app.loader.import_default_modules()
    for name, entry in SCHEDULE.items():
        assert entry["task"] in app.tasks, name
        assert entry["options"]["expires"] > 0, name
    assert app.conf.beat_schedule == SCHEDULE


def test_a_task_is_a_door():
    """It asks, loops and calls, but decides nothing and touches no table: rules live where they are tested."""
    assert not any(name.startswith(("django.db", "support_cases.models")) for name in house.foreign_imports(TASKS))
    deciding = [node for node in ast.walk(house.tree(TASKS)) if isinstance(node, ast.If | ast.Compare | ast.While)]
    assert deciding == []


@pytest.mark.parametrize("folder", ["cooperatives", "support_cases"])
def test_templates_lie_under_a_folder_of_their_own(folder):
    """Else one app could hide a template of another one that bears the same name."""
    bare = [
        name for name, path in house.templates().items() if path.is_relative_to(house.ROOT / folder) and "/" not in name
    ]
    assert bare == []
