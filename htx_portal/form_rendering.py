"""The controls of forms, written by functions where Django renders a template for each option of a list."""

from html import escape

from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe


class PortalRenderer(DjangoTemplates):
    """Django's own HTML, white space between tags aside, at a tenth of the time; what is not listed is Django's.

    A list of 200 areas to choose from would otherwise cost more than the page it filters.
    """

    def render(self, template_name, context, request=None):
        """Return the HTML of a control or of a whole form."""
        written = _WRITERS.get(template_name)
        if written is None:
            return super().render(template_name, context, request)
        return mark_safe(written(context["widget"]))  # noqa: S308 every part is escaped where it is written


def _attributes(widget: dict) -> str:
    """Return the attributes with a space before each; True stands alone, False is left out."""
    parts = []
    for name, value in widget["attrs"].items():
        if value is True:
            parts.append(f" {_text(name)}")
        elif value is not False:
            parts.append(f' {_text(name)}="{_text(value)}"')
    return "".join(parts)


def _text(value) -> str:
    """Return a value escaped, and as it is: not in the format of a language."""
    return value.__html__() if hasattr(value, "__html__") else escape(str(value))


def _input(widget: dict) -> str:
    value = "" if widget["value"] is None else f' value="{_text(widget["value"])}"'
    return f'<input type="{_text(widget["type"])}" name="{_text(widget["name"])}"{value}{_attributes(widget)}>'


def _textarea(widget: dict) -> str:
    value = _text(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{_text(widget["name"])}"{_attributes(widget)}>\n{value}</textarea>'


def _select(widget: dict) -> str:
    parts = [f'<select name="{_text(widget["name"])}"{_attributes(widget)}>']
    for group, options, _index in widget["optgroups"]:
        if group:
            parts.append(f'\n  <optgroup label="{_text(group)}">')
        parts.extend(f"\n  {_option(option)}" for option in options)
        if group:
            parts.append("\n  </optgroup>")
    return "".join([*parts, "\n</select>"])


def _option(option: dict) -> str:
    return f'<option value="{_text(option["value"])}"{_attributes(option)}>{_text(option["label"])}</option>'


_WRITERS = {
    "django/forms/widgets/select.html": _select,
    "django/forms/widgets/textarea.html": _textarea,
} | {f"django/forms/widgets/{kind}.html": _input for kind in ("input", "text", "number", "email", "hidden", "date")}
