"""Values of a report as people in Viet Nam write them."""

from datetime import date

from htx_portal.templatetags.portal import number
from support_cases.reports.tables import Shape, Value

#: What stands where there is no value, or no base to compare with.
NOTHING = "–"


def value_in_words(value: Value, shape: Shape) -> str:
    """Return "1.234.567", "12,5%", "3,0", "05/09/2023" or the text itself; a dash where there is no value."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    match shape:
        case Shape.PERCENT:
            return f"{number(value)}%"
        case Shape.DECIMAL:
            whole, _point, tenths = f"{float(value):,.1f}".partition(".")
            return f"{whole.replace(',', '.')},{tenths}"
        case Shape.TEXT:
            return str(value)
    return str(number(value))
