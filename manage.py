#!/usr/bin/env python3
"""Runs the commands of Laurel: `python manage.py help` lists them."""

import os
import sys

from config import first_start


def main() -> None:
    """Run the command that the arguments name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:2] == ["demo"]:
        try:
            first_start.prepare()  # the demo makes its own secrets, before the settings are read
        except OSError as failure:
            sys.exit(
                f"The demo cannot be prepared in {first_start.data_dir()}: {failure.strerror or failure}."
                " Name a folder that you may write to: make demo DATA_DIR=/path/to/folder"
            )
    try:
        from django.core.management import execute_from_command_line  # noqa: PLC0415 - may be missing
    except ModuleNotFoundError as failure:
        if failure.name != "django":
            raise
        sys.exit(
            "Django is not installed here: run `make demo` or `make test` first, then use .venv/bin/python."
        )
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
