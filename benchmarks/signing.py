"""CPU milliseconds per signed badge, the fast and the generic way. Run: python -m benchmarks.signing"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from badges.credentials import ob3
from badges.credentials.dids import verification_method
from badges.credentials.encoding import compact_json
from badges.credentials.fast_signing import FastSigner
from badges.credentials.keys import Ed25519Key, RsaKey
from badges.credentials.signing import sign_credential, sign_jwt
from badges.credentials.values import (
    Achievement,
    Alignment,
    Award,
    Document,
    Evidence,
    Issuer,
    Recipient,
    Result,
    ResultDescription,
    StatusEntry,
)

WINDOWS = 9
BASE = "https://badges.example.org"
DID = "did:web:badges.example.org:public:issuers:acme"
NOW = datetime.now(UTC)


def main() -> None:
    """Print one line per way: the best and the median of several windows of CPU time."""
    key, rsa = Ed25519Key.generate(), RsaKey.generate()
    method = verification_method(DID, key)
    signer = FastSigner()
    example = credential(0)
    print(f"{len(compact_json(example))} bytes of JSON, {signer.canonicalise(example).count(chr(10))} quads")
    measure("build the document", 1000, credential)
    measure("build, sign fast, write JSON", 1000, lambda n: signer.sign_text(credential(n), key, method, NOW))
    measure(
        "build, sign generically, write JSON",
        40,
        lambda n: compact_json(sign_credential(credential(n), key, method, NOW)),
    )
    measure("build, sign as VC-JWT (RSA 2048)", 200, lambda n: sign_jwt(credential(n), rsa, f"{DID}#rsa-1"))
    measure("raw Ed25519 signature (the floor)", 1000, lambda _n: key.sign(b"x" * 64))


def measure(name: str, rounds: int, act: Callable[[int], object]) -> None:
    """Measure `act`, after a few rounds to learn and warm up."""
    for number in range(5):
        act(number)
    windows = []
    for _ in range(WINDOWS):
        begun = time.process_time()
        for number in range(rounds):
            act(number)
        windows.append((time.process_time() - begun) / rounds * 1000)
    print(f"{name:<38} best {min(windows):7.4f} ms   median {statistics.median(windows):7.4f} ms")


ISSUER = ob3.profile(
    Issuer(
        did=DID,
        url=f"{BASE}/public/issuers/acme",
        name="Acme Università",
        email="badges@acme.example.org",
        website="https://acme.example.org/",
        image_url=f"{BASE}/media/acme.png",
    )
)
ACHIEVEMENT = ob3.achievement(
    Achievement(
        url=f"{BASE}/public/versions/1",
        name="Data literacy",
        description="Reads, works with, analyses and argues with data.",
        criteria_narrative="Do *the* work and show it.",
        criteria_url="https://acme.example.org/criteria",
        image_url=f"{BASE}/media/badge.png",
        achievement_type="Badge",
        tags=("data", "literacy"),
        alignments=(Alignment(name="Analysis", url="https://example.org/skills/1", type="CFItem"),),
        language="en",
        result_descriptions=(
            ResultDescription(
                url=f"{BASE}/public/versions/1#grade",
                name="Grade",
                result_type="LetterGrade",
                allowed_values=("A", "B"),
            ),
        ),
    )
)


def credential(number: int) -> Document:
    """Return the unsigned credential of a fresh award, as a bulk run builds it."""
    uuid = uuid4()
    award = Award(
        url=f"{BASE}/public/badges/{uuid}",
        uuid=uuid,
        recipient=Recipient(
            email=f"earner{number}@example.org",
            salt=f"s4lt{number}",
            subject_id=uuid4().urn,
            name=f"Earner {number}",
        ),
        issued_at=NOW,
        evidence=(
            Evidence(url=f"https://example.org/{number}", name="Portfolio", narrative='What "they"\nmade.'),
        ),
        results=(Result(value="A", result_description_url=f"{BASE}/public/versions/1#grade"),),
    )
    status = StatusEntry(list_url=f"{BASE}/public/issuers/acme/status/1", index=number)
    return ob3.credential(ISSUER, ACHIEVEMENT, award, status)


if __name__ == "__main__":
    main()
