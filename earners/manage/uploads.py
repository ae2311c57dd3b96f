"""Files of earners between the steps of an import: kept out of sight for a while, and gone when it is done.

They are in the cache, which all web processes share, encrypted, under an id that nobody can guess; files on a disk would be
on one of several machines, and the storage of pictures is open to everybody.
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.core.cache import cache
from django.utils.translation import gettext as _

from earners.files import EarnerRow, EarnersFile, Meaning, UnreadableFile, read_earners, telling_heading
from earners.models import EarnersList
from earners.services import ImportReport, RowReport, RowResult, import_earners
from organizations.actors import Actor
from organizations.encryption import decrypt, encrypt
from organizations.models import Organization

MAX_BYTES = 10 << 20
MAX_ROWS = 20_000  # what is read, tried and written within one request, with room to spare
LIFETIME = 2 * 60 * 60  # seconds
MAX_RUN = 5 * 60  # seconds after which an import that did not end is taken for dead


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an import did: how many rows had which result, and the rows that were left out."""

    list_id: UUID
    list_name: str
    counts: Mapping[str, int]
    failed: tuple[RowReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file on its way into a list: `list_id`, or a new one called `list_name`.

    Without `content` once it is imported, or was thrown away.
    """

    id: UUID
    organization: int
    name: str
    content: bytes
    list_id: UUID | None
    list_name: str
    meanings: Mapping[str, Meaning] = field(default_factory=dict)
    headings: tuple[str, ...] = ()
    outcome: Outcome | None = None
    is_dropped: bool = False

    def read(self) -> EarnersFile:
        """Return the people in the file, as columns were said to mean. Raises UnreadableFile and InvalidInput."""
        file = read_earners(decrypt(self.content), name=self.name, meanings=self.meanings)
        return replace(file, rows=_limited(file.rows))

    def told_headings(self) -> tuple[str, ...]:
        """Return the headings of the file as a file of rows to correct has them."""
        if self.outcome is not None:
            return self.headings
        return tuple(telling_heading(heading, meaning) for heading, meaning in self.read().columns.items())

    @property
    def is_running(self) -> bool:
        """Whether it is being imported at this moment."""
        return cache.get(_running(self.id)) is not None


def keep_upload(
    *, organization: Organization, name: str, content: bytes, list_id: UUID | None, list_name: str
) -> Upload:
    """Keep a file that can be read. Raises UnreadableFile."""
    upload = Upload(
        id=uuid.uuid4(),
        organization=organization.pk,
        name=name,
        content=encrypt(content),
        list_id=list_id,
        list_name=list_name,
    )
    upload.read()
    return _kept(upload)


def find_upload(organization: Organization, upload_id: UUID) -> Upload | None:
    """Return a file of the organization that is kept; None where its time is over, or there was none."""
    upload: Upload | None = cache.get(_key(upload_id))
    return upload if upload is not None and upload.organization == organization.pk else None


def understand_as(upload: Upload, meanings: Mapping[str, Meaning]) -> Upload:
    """Read the file's columns so from now on. Raises InvalidInput where that makes no sense."""
    changed = replace(upload, meanings=dict(meanings))
    changed.read()
    return _kept(changed)


def run_upload(*, upload: Upload, organization: Organization, is_dry_run: bool, by: Actor) -> ImportReport:
    """Import the file, or tell what would become of it. Raises what import_earners does."""
    earners_list = None
    if upload.list_id is not None:
        earners_list = EarnersList.objects.get(organization=organization, uuid=upload.list_id)
    return import_earners(
        organization=organization,
        file=upload.read(),
        earners_list=earners_list,
        list_name=upload.list_name,
        is_dry_run=is_dry_run,
        by=by,
    )


def import_upload(*, upload: Upload, organization: Organization, by: Actor) -> Upload:
    """Import the file, once however often it is asked for, and keep what became of it in the file's place.

    Of two who ask at once the second gets the upload as it is. Raises what import_earners does; then it can be tried again.
    """
    if upload.outcome is not None or not cache.add(_running(upload.id), 1, MAX_RUN):
        return upload
    try:
        # What ended just before this began is not done again.
        upload = find_upload(organization, upload.id) or upload
        if upload.outcome is not None or upload.is_dropped:
            return upload
        headings = upload.told_headings()
        report = run_upload(upload=upload, organization=organization, is_dry_run=False, by=by)
        earners_list = report.earners_list
        if earners_list is None:
            raise EarnersList.DoesNotExist
        outcome = Outcome(
            list_id=earners_list.uuid,
            list_name=earners_list.name,
            counts=counts_of(report),
            failed=failed_of(report),
        )
        return _kept(replace(upload, content=b"", headings=headings, outcome=outcome))
    finally:
        cache.delete(_running(upload.id))


def drop_upload(upload: Upload) -> None:
    """Forget what is in a file. That there was one is known a while longer, so that a second click finds it done."""
    _kept(replace(upload, name="", content=b"", outcome=None, is_dropped=True))


def counts_of(report: ImportReport) -> dict[str, int]:
    """Return how many rows had which result, by the result's value."""
    return {result.value: report.count(result) for result in RowResult}


def failed_of(report: ImportReport) -> tuple[RowReport, ...]:
    """Return the rows that are left out."""
    return tuple(row for row in report.rows if row.result is RowResult.PROBLEM)


def _limited(rows: Iterator[EarnerRow]) -> Iterator[EarnerRow]:
    for count, row in enumerate(rows, 1):
        if count > MAX_ROWS:
            raise UnreadableFile(
                _(
                    "The file has more than %(limit)s rows, which is what this page takes at once. Split it into several"
                    " files."
                )
                % {"limit": f"{MAX_ROWS:,}"}
            )
        yield row


def _kept(upload: Upload) -> Upload:
    cache.set(_key(upload.id), upload, LIFETIME)
    return upload


def _key(upload_id: UUID) -> str:
    return f"earners-upload:{upload_id}"


def _running(upload_id: UUID) -> str:
    return f"{_key(upload_id)}:running"
