"""Commands as a person runs them, in this process: what they print, and the one line that they end with."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError


def told(*arguments: str) -> list[str]:
    """Run a command for people; return the lines on its standard output."""
    output = StringIO()
    call_command(*arguments, stdout=output, stderr=StringIO())
    return output.getvalue().splitlines()


def answered(*arguments: str) -> dict[str, Any]:
    """Run a command with --json; return the object, which is all that stands on its standard output."""
    lines = told(*arguments, "--json")
    assert len(lines) == 1
    return dict(json.loads(lines[0]))


def refused(*arguments: str) -> str:
    """Run a command that ends with status 1 and nothing on its standard output; return its one line."""
    output = StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command(*arguments, stdout=output, stderr=StringIO())
    assert (refusal.value.returncode, output.getvalue()) == (1, "")
    line = str(refusal.value)
    assert "\n" not in line
    return line
