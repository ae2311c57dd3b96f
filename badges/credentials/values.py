"""The values that documents are built from."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

Document = dict[str, Any]
"""A JSON object: the keys are text, the values are what JSON knows."""

Number = int | float | Decimal
"""Credits. Written with at most two decimals, so that every JSON library reads the same number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Who issues.

    `did` is the issuer of OB 3.0 (did:web or did:key), `url` the permanent address of the OB 2.0 Profile. OB
    2.0 verifiers demand an `email` and a `website` (here `url` stands in for a missing one).
    """

    did: str
    url: str
    name: str
    description: str | None = None
    website: str | None = None
    email: str | None = None
    image_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """What an achievement is aligned to: a skill of ESCO, an item of a CASE framework, a competency of CTDL.

    `type` is a value of OB 3.0 AlignmentTargetType (`CFItem`, `ceasn:Competency`, ...) or an extension such
    as `ext:ESCO`.
    """

    name: str
    url: str
    description: str | None = None
    framework: str | None = None
    code: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """Another identifier of an achievement. `type` is of OB 3.0 IdentifierTypeEnum or an `ext:` term."""

    value: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultDescription:
    """A result that may be reached.

    `url` identifies it; `result_type` is a value of OB 3.0 ResultType or an `ext:` term.
    """

    url: str
    name: str
    result_type: str
    allowed_values: tuple[str, ...] = ()
    value_min: str | None = None
    value_max: str | None = None
    required_value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A result that was reached. `status` is a value of OB 3.0 ResultStatusType."""

    value: str | None = None
    result_description_url: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Achievement:
    """What can be earned. `url` is the id of the Achievement (3.0) and of the BadgeClass (2.0).

    `description` is plain text or Markdown, `criteria_narrative` Markdown. Without narrative and
    `criteria_url` the criteria point at `url`, the page that people read.
    """

    url: str
    name: str
    description: str
    criteria_narrative: str | None = None
    criteria_url: str | None = None
    image_url: str | None = None
    image_caption: str | None = None
    achievement_type: str | None = None
    tags: tuple[str, ...] = ()
    alignments: tuple[Alignment, ...] = ()
    language: str | None = None
    version: str | None = None
    human_code: str | None = None
    field_of_study: str | None = None
    specialization: str | None = None
    credits_available: Number | None = None
    other_identifiers: tuple[Identifier, ...] = ()
    result_descriptions: tuple[ResultDescription, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who received a badge. Documents show the address and the name as salted hashes only.

    `subject_id` is an IRI that says nothing about the person, such as `urn:uuid:...`; a VC-JWT needs it as
    `sub`.
    """

    email: str
    salt: str
    subject_id: str
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Proof of the work: a link, a story, or both."""

    url: str | None = None
    name: str | None = None
    narrative: str | None = None
    description: str | None = None
    genre: str | None = None
    audience: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """One badge to one recipient.

    `url` is its permanent address, `uuid` (version 4) its id where no address may stand. Instants are aware;
    what is finer than a second is cut off, never rounded up into a verifier's future.
    """

    url: str
    uuid: UUID
    recipient: Recipient
    issued_at: datetime
    expires_at: datetime | None = None
    narrative: str | None = None
    evidence: tuple[Evidence, ...] = ()
    results: tuple[Result, ...] = ()
    activity_started_on: date | datetime | None = None
    activity_ended_on: date | datetime | None = None
    credits_earned: Number | None = None
    license_number: str | None = None
    role: str | None = None
    term: str | None = None
    image_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusEntry:
    """A badge's place in a published status list: bit `index` of the list at `list_url`."""

    list_url: str
    index: int
