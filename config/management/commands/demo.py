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
from organizations.models import Organization, System, User

NOTES = "demo.json"
OTHER_CONTENT = (
    "The database holds something that is not the demo of this DATA_DIR, so nothing was changed."
    " Use another DATA_DIR or DATABASE_URL for the demo, or empty this database yourself."
)


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
            notes = own_notes()
            if notes is None and not is_empty():
                raise CommandError(OTHER_CONTENT)
            call_command("migrate", verbosity=0, interactive=False)
            call_command("createcachetable", verbosity=0)
            if notes is None:
                notes = self._fill()
        port = first_start.free_port(wanted_port()) if options["is_serving"] else wanted_port()
        if options["is_json"]:
            self.stdout.write(json.dumps(notes, ensure_ascii=False))
        else:
            self._tell(notes, port)
        if options["is_serving"]:
            self._serve(port)

    def _fill(self) -> dict[str, Any]:
        """Fill the demo, write its notes down and return them."""
        self.stderr.write("Filling the demo ...")
        with transaction.atomic():
            notes = fill()
            # Inside the transaction: keys and passwords are known now or never, so without the notes there is no demo.
            _write_privately(settings.DATA_DIR / NOTES, json.dumps(notes, ensure_ascii=False, indent=1))
        return notes

    def _throw_away(self) -> None:
        """Empty the demo's database and files. Refuses any database that is not the demo's own.

        Pictures and mails go only with a demo: beside an empty database they may be another installation's.
        """
        if connection.vendor != "sqlite":
            raise CommandError(
                "Only a demo on SQLite is thrown away by this command. Drop the database yourself."
            )
        name = Path(str(settings.DATABASES["default"]["NAME"]))
        if settings.DATA_DIR not in name.parents:
            raise CommandError("The database is not in DATA_DIR, so it was left alone.")
        notes = own_notes()
        if notes is None and not is_empty():
            raise CommandError(OTHER_CONTENT)
        connection.close()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{name}{suffix}").unlink(missing_ok=True)
        (settings.DATA_DIR / NOTES).unlink(missing_ok=True)
        for folder in ("media", "mail") if notes else ():
            shutil.rmtree(settings.DATA_DIR / folder, ignore_errors=True)

    def _tell(self, notes: dict[str, Any], port: int) -> None:
        """Print what a newcomer needs, for people: first the one address to open, and who to sign in as."""
        here = settings.PUBLIC_URL
        if port != wanted_port():
            here = f"http://{first_start.HOST}:{port}"
        users = {user["role"]: user for user in notes["users"]}
        owner = users.pop("owner")
        badge, revoked, claim = (
            notes[name]["url"].replace(settings.PUBLIC_URL, here, 1)
            for name in ("badge", "revoked_badge", "claim_code")
        )
        lines = [
            "",
            "  Laurel is starting. In a moment, open this address:",
            "",
            f"    {here}/accounts/login/",
            "",
            "  and sign in, to issue badges as the owner of an academy:",
            "",
            f"    {owner['role']:<8} {owner['email']:<26} {owner['password']}",
            "",
            "  Or as somebody else",
            "",
        ]
        lines += [f"    {role:<8} {user['email']:<26} {user['password']}" for role, user in users.items()]
        lines += [
            "",
            "  What everybody may see",
            "",
            f"    A badge        {badge}",
            f"    A revoked one  {revoked}",
            f"    To claim one   {claim}",
            f"    Organization   {here}/public/issuers/{notes['organization']['id']}",
            "",
            f"  An earner      {here}/me as {notes['earner_email']}: the code comes by mail",
            f"  Mails          none is sent: they are files in {settings.DATA_DIR / 'mail'}",
            f"  Admin          {here}/admin/ as {users['staff']['email']}",
            f"  API            {here}/api with the key {notes['api_key']}",
            f"  Data           {settings.DATA_DIR}",
            "",
        ]
        if not settings.IS_SECURE:
            lines += [
                "  These badges carry a local address: others can verify their signatures, but not fetch them from here.",
                "",
            ]
        self.stdout.write("\n".join(lines))

    def _serve(self, port: int) -> None:
        """Serve in this process's place."""
        if port != wanted_port():
            # On standard error: with --json standard output has one object and nothing else.
            self.stderr.write(
                f"  Port {wanted_port()} is taken: serving on http://{first_start.HOST}:{port} instead."
                f" The badges of the demo go on naming port {wanted_port()}; `make demo-reset` makes new ones.\n"
            )
        self.stdout.flush()
        # A worker tells of each task that it did, which would push the address out of sight.
        os.environ.setdefault("LOG_LEVEL", "WARNING")
        call_command("serve", bind=f"{first_start.HOST}:{port}")


def wanted_port() -> int:
    """Return the port of PUBLIC_URL, which the badges name."""
    return urlsplit(settings.PUBLIC_URL).port or first_start.FIRST_PORT


def own_notes() -> dict[str, Any] | None:
    """Return the notes of the demo in DATA_DIR when the database holds that demo, whatever its schema's age; else None."""
    try:
        notes: dict[str, Any] = json.loads((settings.DATA_DIR / NOTES).read_text())
    except FileNotFoundError:
        return None
    if Organization._meta.db_table not in connection.introspection.table_names():
        return None
    is_there = Organization.objects.filter(uuid=notes["organization"]["id"]).exists()
    return notes if is_there else None


def is_empty() -> bool:
    """Return whether the database has no tables but ours, and nobody and nothing in them. Writes nothing.

    DATABASE_URL is a common name: what a shell has set for another program must not be migrated into.
    """
    # What SQLite searches badges with belongs to no model (migration badges 0014).
    tables = {name for name in connection.introspection.table_names() if not name.startswith("badges_search")}
    ours = {*connection.introspection.django_table_names(), "django_migrations", "laurel_cache"}
    if not tables <= ours:
        return False
    return not any(model._meta.db_table in tables and model.objects.exists() for model in (System, User))


def _write_privately(path: Path, text: str) -> None:
    """Write a file that its owner alone may read, whole or not at all."""
    temporary = path.with_suffix(".new")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, stat.S_IRUSR | stat.S_IWUSR)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    temporary.replace(path)
