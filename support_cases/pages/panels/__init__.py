"""Panels that kinds of support add to the page of a case, one module each, named like the kind.

A module says ``TEMPLATE`` and ``panel(case, user, today) -> context``, and may bring ``urlpatterns`` that are
mounted below the address of the case. ``ROWS_SHOWN`` names lists of child rows the panel shows better itself.
"""

import importlib
import pkgutil
from types import ModuleType

PANELS: dict[str, ModuleType] = {
    module.name: importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)
}


def panel_of(case, user, today) -> dict:
    """Return template and context of the panel of the case's kind; nothing where the kind has none."""
    module = PANELS.get(case.topic)
    return {"panel": module.TEMPLATE, **module.panel(case, user, today)} if module else {}


def rows_shown(case) -> frozenset[str]:
    """Return which lists of child rows the panel of the case's kind shows itself."""
    return getattr(PANELS.get(case.topic), "ROWS_SHOWN", frozenset())


def panel_addresses() -> list:
    """Return the addresses of all panels, to be mounted below that of a case."""
    return [pattern for module in PANELS.values() for pattern in getattr(module, "urlpatterns", [])]
