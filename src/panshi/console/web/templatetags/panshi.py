"""Icons and form fields."""

from __future__ import annotations

from django import forms, template
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from panshi.console.web.menu import Entry

register = template.Library()


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """Return an icon of the collected sprite; it says nothing to who cannot see it."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        css,
        static("vendor/icons.svg"),
        name,
    )


@register.simple_tag
def field_input(bound: BoundField) -> SafeString:
    """Return the input of a field with the class that its sort has in Tabler."""
    widget = bound.field.widget
    if isinstance(widget, forms.CheckboxInput):
        css = "form-check-input"
    elif isinstance(widget, forms.CheckboxSelectMultiple | forms.RadioSelect):
        css = ""
    elif isinstance(widget, forms.Select):
        css = "form-select"
    else:
        css = "form-control"
    if bound.errors:
        css += " is-invalid"
    attributes: dict[str, str | bool] = {"class": css}
    if bound.errors:
        attributes["aria-invalid"] = "true"
    return bound.as_widget(attrs=attributes)


@register.filter
def is_checkbox(bound: BoundField) -> bool:
    """Return whether a field is one box with its label behind it."""
    return isinstance(bound.field.widget, forms.CheckboxInput)


@register.simple_tag
def menu_address(entry: Entry) -> str:
    """Return the address of a page of the menu."""
    name, *arguments = entry.url.split()
    return reverse(name, args=arguments)
