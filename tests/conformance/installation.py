"""A running installation as a holder of badges sees it: every form of a badge, fetched over HTTP into files."""

import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conformance import verdicts
from tests.conformance.server import Application
from tests.conformance.verdicts import Input, Verdict

# What a badge can be fetched as: the end of the address, and the name that the instruments want of the file.
FORMS = {
    "ob3.json": "ob3.json",
    "ob3.jwt": "ob3.jws",
    "ob3.png": "ob3.png",
    "ob3.svg": "ob3.svg",
    "ob2.jws": "ob2.jws",
    "ob2.png": "ob2.png",
    "ob2.svg": "ob2.svg",
}
# By instrument: which forms it judges, and which of them when no picture needs to be looked into.
ALL_FORMS: Mapping[str, tuple[str, ...]] = {
    "digital_bazaar": ("ob3.json",),
    "dcc": ("ob3.json",),
    "official_schema": ("ob3.json", "ob3.jwt"),
    "openbadges_library": ("ob3.json", "ob3.jwt", "ob3.png", "ob3.svg"),
    "vc_jwt": ("ob3.jwt",),
    "validator_core": ("hosted", "page", "ob2.jws", "ob2.png", "ob2.svg"),
    "mozilla_bakery": ("ob2.png", "ob2.svg"),
}
PLAIN_FORMS: Mapping[str, tuple[str, ...]] = {
    "digital_bazaar": ("ob3.json",),
    "dcc": ("ob3.json",),
    "openbadges_library": ("ob3.json",),
    "vc_jwt": ("ob3.jwt",),
    "validator_core": ("hosted", "ob2.jws"),
}
BAKED = (".png", ".svg")
AT_ONCE = 2  # verifiers side by side: each is a process that works for a second or two


@dataclass(slots=True, kw_only=True)
class Installation:
    """badges: ids by the names that tests give them. Files that were fetched once stay as they were then."""

    application: Application
    folder: Path
    badges: dict[str, str] = field(default_factory=dict)

    @property
    def trust(self) -> Path | None:
        """The root certificate that the verifiers are told to trust."""
        return self.application.authority.root if self.application.authority else None

    @property
    def is_secure(self) -> bool:
        """Whether issuers are did:web."""
        return self.application.url.startswith("https:")

    def act(self, *acts: tuple[str, Mapping[str, str]]) -> dict[str, Any]:
        """What acts of `acts.py` answer: (name, arguments) each, one after the other in one process."""
        command = f"from tests.conformance import acts; acts.answer({json.dumps(acts)!r})"
        answers: dict[str, Any] = json.loads(
            self.application.manage("shell", "--no-imports", "--command", command)
        )
        return answers

    def command(self, *arguments: str) -> dict[str, Any]:
        """The object that a command of the product prints with --json."""
        answer: dict[str, Any] = json.loads(self.application.manage(*arguments, "--json"))
        return answer

    def page(self, badge: str) -> str:
        """The permanent address of a badge."""
        return f"{self.application.url}/public/badges/{self.badges[badge]}"

    def form(self, badge: str, form: str) -> Input:
        """A form of a badge: an address for "hosted" and "page", else a file, fetched when first asked for."""
        if form == "page":
            return self.page(badge)
        if form == "hosted":
            return f"{self.page(badge)}/ob2.json"
        file = self.folder / f"{badge}-{FORMS[form]}"
        if not file.exists():
            file.write_bytes(self.application.get(f"{self.page(badge)}/{form}"))
        return file

    def text(self, badge: str, form: str) -> str:
        """A form of a badge as text."""
        return Path(self.form(badge, form)).read_text(encoding="utf-8")

    def spoiled(self, name: str, content: str | bytes) -> Path:
        """A file beside those that were fetched, with other content."""
        file = self.folder / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file


Judges = Mapping[str, Callable[[list[Input]], list[Verdict]]]


def judges(installation: Installation, recipient: str | None = None) -> Judges:
    """The instruments by name, trusting the installation's authority; validator_core for the recipient."""
    trust = installation.trust
    return {
        "digital_bazaar": lambda inputs: verdicts.digital_bazaar(inputs, trust=trust),
        "dcc": lambda inputs: verdicts.dcc(inputs, trust=trust),
        "official_schema": lambda inputs: verdicts.official_schema(inputs, trust=trust),
        "openbadges_library": lambda inputs: verdicts.openbadges_library(inputs, trust=trust),
        "vc_jwt": lambda inputs: verdicts.vc_jwt(inputs, trust=trust),
        "validator_core": lambda inputs: verdicts.validator_core(inputs, recipient=recipient, trust=trust),
        "mozilla_bakery": lambda inputs: verdicts.mozilla_bakery(inputs, trust=trust),
    }


def judge_all(
    installation: Installation, inputs: Mapping[str, Mapping[str, Input]], *, recipient: str | None = None
) -> dict[str, dict[str, Verdict]]:
    """Verdicts by instrument and name of the input. Each instrument is started once, two at a time."""
    ask = judges(installation, recipient)

    def judge(instrument: str) -> dict[str, Verdict]:
        named = inputs[instrument]
        return dict(zip(named, ask[instrument](list(named.values())), strict=True))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(inputs, pool.map(judge, inputs), strict=True))


def forms_of(
    installation: Installation, badges: Iterable[str], forms: Mapping[str, tuple[str, ...]] = ALL_FORMS
) -> dict[str, dict[str, Input]]:
    """Forms of the badges, by the instrument that judges them, named `badge form`."""
    names = list(badges)
    found = {
        instrument: {f"{badge} {form}": installation.form(badge, form) for badge in names for form in judged}
        for instrument, judged in forms.items()
    }
    if not installation.is_secure and "openbadges_library" in found:
        # It reads no status list and no JWT's key over plain http. What it finds baked in is of interest still.
        pictures = found.pop("openbadges_library")
        found |= {"openbadges_library": {name: pictures[name] for name in pictures if name[-4:] in BAKED}}
    return {instrument: inputs for instrument, inputs in found.items() if inputs}
