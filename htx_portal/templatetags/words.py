"""Django's ``i18n`` tags, with a sentence that never changes asked of the catalogue once for each language.

``{% load words %}`` gives all of ``{% load i18n %}``; a page of ours has some sixty such sentences, and looking each
up anew was a fifth of its cost.
"""

from django import template
from django.templatetags import i18n
from django.utils.translation import get_language

register = template.Library()
register.tags.update(i18n.register.tags)
register.filters.update(i18n.register.filters)


class KnownSentence(i18n.TranslateNode):
    """A ``translate`` tag around a constant: remembers its words by language."""

    def __init__(self, node: i18n.TranslateNode):
        self.noop, self.asvar, self.message_context = node.noop, node.asvar, None
        self.filter_expression = node.filter_expression
        self.words: dict[str, str] = {}

    def render(self, context):
        """Return the words in the language of the reader, or set them under the name the tag asks for."""
        language = get_language()
        words = self.words.get(language)
        if words is None:
            words = super().render(context)
            words = self.words[language] = context[self.asvar] if self.asvar else words
        if not self.asvar:
            return words
        context[self.asvar] = words
        return ""


@register.tag("trans")
@register.tag("translate")
def translate(parser, token):
    """Return Django's node, remembered where nothing in it can change from page to page."""
    node = i18n.do_translate(parser, token)
    text = node.filter_expression
    constant = text.var.literal is not None and not text.filters and node.message_context is None
    return KnownSentence(node) if constant else node
