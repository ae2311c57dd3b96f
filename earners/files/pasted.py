"""People out of pasted text: a table copied from a spreadsheet, one to a line, or addresses as mail programs write them."""

import re

from earners.files.addresses import read_address

BETWEEN = re.compile(r"[;,]")


def pasted(text: str) -> bytes:
    """Return pasted text as a file that read_earners takes: lines of several addresses become one to a line."""
    lines: list[str] = []
    for line in text.splitlines():
        parts = [part.strip() for part in BETWEEN.split(line) if part.strip()]
        if len(parts) > 1 and all(read_address(part).problem is None for part in parts):
            lines += parts
        else:
            lines.append(line.rstrip(" ,;") if len(parts) == 1 else line)
    return "\n".join(lines).encode()
