"""Fields for long texts: with paragraphs, lists and links, of plain lines, and lists typed one to a line."""

from typing import Any

from django import forms

from organizations.richtext import clean_html, plain_lines

MAX_HTML = 65_535


class RichTextField(forms.CharField):
    """HTML that the services sanitise: a text area that static/rich_text.js makes an editor of.

    Without JavaScript lines are typed, and line breaks part paragraphs.
    """

    widget = forms.Textarea(attrs={"rows": 6, "data-rich-text": True})

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "max_length": MAX_HTML, **options})

    def to_python(self, value: Any) -> str:
        """Return the text with line breaks as the rows have them."""
        return str(super().to_python(value)).replace("\r\n", "\n")

    def prepare_value(self, value: Any) -> Any:
        """Show text that has nothing but paragraphs as its lines, and HTML where lines would lose something."""
        if not isinstance(value, str) or not value or len(value) > MAX_HTML:
            return value
        lines = plain_lines(value)
        return lines if "<" not in lines and clean_html(lines) == value else value


class TextLinesField(forms.CharField):
    """A text of several lines, with line breaks as the rows have them: else each visit of the editor would change it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"widget": forms.Textarea(attrs={"rows": 3}), "required": False, **options})

    def to_python(self, value: Any) -> str:
        """Return the text."""
        return str(super().to_python(value)).replace("\r\n", "\n")


class ListedField(forms.CharField):
    """A list of texts, typed one to a line; each is kept once."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"widget": forms.Textarea(attrs={"rows": 3}), "required": False, **options})

    def prepare_value(self, value: Any) -> Any:
        """Return a list as lines."""
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """Return the texts."""
        lines = (line.strip() for line in str(super().clean(value)).splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the lists."""
        return bool((initial or []) != self.clean(data))
