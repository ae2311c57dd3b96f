"""Asks the verifiers of others about documents, and gives their verdicts as values.

Inputs are files or addresses on this machine. One call starts a verifier once, so give it all inputs at once.
`trust` is the root certificate of the authority behind an https server on this machine.
"""

import json
import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.install import python_of, verifiers_folder

VERIFIERS = Path(__file__).resolve().parent / "verifiers"
PATIENCE_SECONDS = 120

Input = Path | str


class InstrumentError(Exception):
    """A verifier broke, or wanted an address outside this machine. Never a verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one verifier says of one document.

    verified: it would accept the document today; so a revoked or expired one is not verified.
    revoked, expired, schema_valid: None where this verifier does not look, or gave up before it could.
    why: its reasons against, in its own words; empty when there are none.
    content: what was baked in, from the instruments that unbake.
    """

    input: str
    verified: bool
    revoked: bool | None
    expired: bool | None
    schema_valid: bool | None
    why: str
    content: str | None = None


def digital_bazaar(inputs: Iterable[Input], *, trust: Path | None = None) -> list[Verdict]:
    """Open Badges 3.0 with a Data Integrity proof: proof, undefined terms, dates, signed status list."""
    return _verdicts(_node("digital_bazaar.mjs"), inputs, trust)


def dcc(inputs: Iterable[Input], *, trust: Path | None = None) -> list[Verdict]:
    """The same by verifier-core of the Digital Credentials Consortium; also the official JSON Schema."""
    return _verdicts(_node("dcc.mjs"), inputs, trust)


def vc_jwt(inputs: Iterable[Input], *, trust: Path | None = None) -> list[Verdict]:
    """Open Badges 3.0 as VC-JWT: signature, claims, whose key it is, status list."""
    return _verdicts(_node("vc_jwt.mjs"), inputs, trust)


def official_schema(inputs: Iterable[Input], *, trust: Path | None = None) -> list[Verdict]:
    """The form of Open Badges 3.0 credentials and profiles, plain or in a JWT; no signature is looked at."""
    return _verdicts(_node("schema.mjs"), inputs, trust)


def mozilla_bakery(inputs: Iterable[Input], *, trust: Path | None = None) -> list[Verdict]:
    """What is baked into Open Badges 2.0 pictures; no signature is looked at."""
    return _verdicts(_node("bakery.mjs"), inputs, trust)


def validator_core(
    inputs: Iterable[Input], *, recipient: str | None = None, trust: Path | None = None
) -> list[Verdict]:
    """Open Badges 2.0: hosted (an address), signed (.jws), baked (.png, .svg); for the recipient if given."""
    command = [str(python_of("validator_core")), str(VERIFIERS / "validator_core.py")]
    if recipient:
        command.append(f"--recipient={recipient}")
    return _verdicts(command, inputs, trust)


def openbadges_library(inputs: Iterable[Input], *, trust: Path | None = None) -> list[Verdict]:
    """Open Badges 3.0 files, plain or baked (.png, .svg): proof, or VC-JWT of a did:web issuer."""
    command = [str(python_of("openbadgeslib")), str(VERIFIERS / "openbadges_library.py")]
    return _verdicts(command, inputs, trust)


def _node(script: str) -> list[str]:
    return ["node", str(VERIFIERS / script)]


def _verdicts(command: list[str], inputs: Iterable[Input], trust: Path | None) -> list[Verdict]:
    """One verdict for each input, in their order. Raises InstrumentError."""
    names = [str(each) for each in inputs]
    environment = {"PATH": os.environ["PATH"], "LAUREL_VERIFIERS": str(verifiers_folder())}
    if trust:
        environment |= {"NODE_EXTRA_CA_CERTS": str(trust), "SSL_CERT_FILE": str(trust)}
    done = subprocess.run(
        [*command, *names],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    script = Path(command[1]).name
    if done.returncode != 0:
        raise InstrumentError(f"{script} ended with {done.returncode}:\n{done.stderr[-4000:]}")
    # Not splitlines(): what was baked in may have U+2028, which JSON.stringify leaves as it is.
    verdicts = [Verdict(**json.loads(line)) for line in done.stdout.split("\n") if line]
    if [verdict.input for verdict in verdicts] != names:
        raise InstrumentError(
            f"{script} judged {len(verdicts)} of {len(names)} inputs:\n{done.stderr[-4000:]}"
        )
    return verdicts
