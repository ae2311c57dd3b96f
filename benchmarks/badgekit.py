"""What the BadgeKit API costs through gunicorn, with 1,000 claim codes and a consumer's signed calls. Prints JSON lines.

Run through `python -m benchmarks`, which makes an installation for it. Each call is signed as clients sign it; its CPU time
is that of the server's processes and of the database's, not that of this process, which signs and asks.
"""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import django

django.setup()

from badges.services.templates import create_template  # noqa: E402
from benchmarks.load import WINDOWS, Call, Case, measure, server  # noqa: E402
from claimcodes.services import create_claim_codes  # noqa: E402
from organizations.services.access import create_badgekit_consumer  # noqa: E402
from organizations.services.organizations import create_organization  # noqa: E402

CODES = 1_000
REQUESTS = 200


def main() -> None:
    """Measure all operations."""
    organization = create_organization(name="Bench Academy", slug="bench", by=None)
    template = create_template(
        organization=organization, fields={"title": "Data literacy"}, slug="data", by=None
    )
    codes = [f"bench-{number:04}" for number in range(CODES)]
    create_claim_codes(template=template, codes=codes, by=None)
    spare = create_claim_codes(template=template, count=2 * REQUESTS * (WINDOWS + 1), by=None)
    key = create_badgekit_consumer(system=organization.system, by=None)
    signer = Signer(key[0].key, key[1])
    badge = f"/systems/{organization.system.slug}/issuers/bench/badges/data"

    def signed(method: str, below: str, data: dict[str, Any] | None = None) -> Call:
        body = None if data is None else json.dumps(data).encode()
        return Call(badge + below, signer.headers(method, badge + below, body), method, body)

    unused = iter([row.code for row in spare])

    with server("config.wsgi") as product:
        measure(
            [
                Case(
                    "get one code",
                    product,
                    lambda n: signed("GET", f"/codes/{codes[n % CODES]}"),
                    200,
                    REQUESTS,
                ),
                Case(
                    "list 25 of the codes",
                    product,
                    lambda _: signed("GET", "/codes?page=3&count=25"),
                    200,
                    REQUESTS,
                ),
                Case(
                    "create a code",
                    product,
                    lambda n: signed("POST", "/codes", {"code": f"made-{n}"}),
                    201,
                    REQUESTS,
                ),
                Case(
                    "create a random code",
                    product,
                    lambda _: signed("POST", "/codes/random", {}),
                    201,
                    REQUESTS,
                ),
                Case(
                    "claim without e-mail",
                    product,
                    lambda _: signed("POST", f"/codes/{next(unused)}/claim", {}),
                    200,
                    REQUESTS,
                ),
                Case(
                    "claim that issues the badge",
                    product,
                    lambda n: signed("POST", f"/codes/{next(unused)}/claim", {"email": f"e{n}@example.org"}),
                    200,
                    REQUESTS,
                ),
            ]
        )


class Signer:
    """A consumer's key, and what is sent with each call."""

    def __init__(self, key: str, secret: str) -> None:
        self.key, self.secret = key, secret.encode()

    def headers(self, method: str, path: str, body: bytes | None) -> dict[str, str]:
        """Return the headers of a call."""
        claims: dict[str, Any] = {
            "key": self.key,
            "exp": int(time.time()) + 60,
            "method": method,
            "path": path,
        }
        if body is not None:
            claims["body"] = {"alg": "sha256", "hash": hashlib.sha256(body).hexdigest()}
        parts = [_base64url(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "HS256"}, claims)]
        signature = hmac.digest(self.secret, ".".join(parts).encode(), "sha256")
        token = ".".join([*parts, _base64url(signature)])
        return {"Authorization": f'JWT token="{token}"', "Content-Type": "application/json"}


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


if __name__ == "__main__":
    main()
