"""Set up a demo installation and serve it."""

import json
import os
import shutil
import stat
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from config import first_start
from config.demo import fill
from organizations.models import System

NOTES = "demo.json"


class Command(BaseCommand):
    """Migrate, fill the demo once, print addresses, logins and keys, and serve. A later start keeps the data."""

    help = "Set up a demo installation in DATA_DIR, print addresses, logins and an API key, and serve it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add what to leave out."""
        parser.add_argument(
            "--no-serve", action="store_false", dest="is_serving", help="Set up and print only."
        )
        parser.add_argument(
            "--json", action="store_true", dest="is_json", help="Print one JSON object and nothing else."
        )
        parser.add_argument(
            "--reset", action="store_true", dest="is_reset", help="Throw away the demo's data first."
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Do it."""
        with first_start.alone("demo"):
            if options["is_reset"]:
                self._throw_away()
            call_command("migrate", verbosity=0, interactive=False)
            call_command("createcachetable", verbosity=0)
            notes = self._fill_once()
        if options["is_json"]:
            self.stdout.write(json.dumps(notes, ensure_ascii=False))
        else:
            self._tell(notes)
        if options["is_serving"]:
            self._serve()

    def _fill_once(self) -> dict[str, Any]:
        """Return the notes of the demo; fill it first when the database is empty."""
        path = settings.DATA_DIR / NOTES
        if path.exists() and System.objects.filter(slug="demo").exists():
            return dict(json.loads(path.read_text()))
        if System.objects.exists():
            raise CommandError(
                "The database holds something that is not the demo, so nothing was changed."
                " Use another DATA_DIR or DATABASE_URL for the demo, or start over with `make demo-reset`."
            )
        self.stderr.write("Filling the demo ...")
        with transaction.atomic():
            notes = fill()
            # Inside the transaction: keys and passwords are known now or never, so without the notes there is no demo.
            _write_privately(path, json.dumps(notes, ensure_ascii=False, indent=1))
        return notes

    def _throw_away(self) -> None:
        """Empty the demo's database and files. Refuses any database that is not the demo's own."""
        if not (settings.DATA_DIR / NOTES).exists() and settings.DATA_DIR.joinpath("laurel.sqlite3").exists():
            raise CommandError(f"{settings.DATA_DIR} holds no demo, so it was left alone.")
        if connection.vendor != "sqlite":
            raise CommandError(
                "Only a demo on SQLite is thrown away by this command. Drop the database yourself."
            )
        name = Path(str(settings.DATABASES["default"]["NAME"]))
        if settings.DATA_DIR not in name.parents:
            raise CommandError("The database is not in DATA_DIR, so it was left alone.")
        connection.close()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{name}{suffix}").unlink(missing_ok=True)
        (settings.DATA_DIR / NOTES).unlink(missing_ok=True)
        for folder in ("media", "mail"):
            shutil.rmtree(settings.DATA_DIR / folder, ignore_errors=True)

    def _tell(self, notes: dict[str, Any]) -> None:
        """Print what a newcomer needs, for people."""
        lines = ["", f"  Laurel demo    {settings.PUBLIC_URL}", ""]
        lines += [
            f"  A badge        {notes['badge']['url']}",
            f"  A revoked one  {notes['revoked_badge']['url']}",
        ]
        lines += [
            f"  Organization   {settings.PUBLIC_URL}/public/issuers/{notes['organization']['id']}",
            f"  Admin          {settings.PUBLIC_URL}/admin/",
            "",
            "  Sign in as",
        ]
        lines += [f"    {user['role']:<8} {user['email']:<26} {user['password']}" for user in notes["users"]]
        lines += ["", f"  API key        {notes['api_key']}", f"  Data           {settings.DATA_DIR}", ""]
        if not settings.IS_SECURE:
            lines += [
                "  These badges carry a local address: others can verify their signatures, but not fetch them from here.",
                "",
            ]
        self.stdout.write("\n".join(lines))

    def _serve(self) -> None:
        """Serve in this process's place, on the port of PUBLIC_URL or on the next free one."""
        parts = urlsplit(settings.PUBLIC_URL)
        wanted = parts.port or first_start.FIRST_PORT
        port = first_start.free_port(wanted)
        if port != wanted:
            self.stdout.write(
                f"  Port {wanted} is taken: serving on http://{first_start.HOST}:{port} instead."
                f" The badges of the demo go on naming port {wanted}; `make demo-reset` makes new ones.\n"
            )
        self.stdout.flush()
        call_command("serve", bind=f"{first_start.HOST}:{port}")


def _write_privately(path: Path, text: str) -> None:
    """Write a file that its owner alone may read, whole or not at all."""
    temporary = path.with_suffix(".new")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, stat.S_IRUSR | stat.S_IWUSR)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    temporary.replace(path)
