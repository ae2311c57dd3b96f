"""Narratives: from the HTML that people write to the Markdown that Open Badges documents have."""

from markdownify import ATX, markdownify

from badges.credentials.exceptions import Refused


def html_to_markdown(html: str) -> str:
    """Return sanitised HTML as Markdown (OB 2.0 and 3.0: `criteria.narrative`, `evidence.narrative`).

    What is plain text stays as it is. Raises Refused for HTML that is nested too deeply to be read.
    """
    try:
        # The div keeps the parser from guessing whether the text may be an address or a file name.
        return str(markdownify(f"<div>{html}</div>", heading_style=ATX, bullets="-")).strip()
    except RecursionError as error:
        raise Refused("This HTML is nested too deeply.") from error
