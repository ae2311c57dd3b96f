"""An identity provider on this machine for tests: as strict as a real one (codes, PKCE, secret), and able to lie."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote_plus, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from config.env import LoginProvider

CLIENT, SECRET = "laurel", "a/secret+with: signs&"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ACCESS = "access-token"


@dataclass
class IdentityProvider:
    """A provider whose person is signed in there. What it says can be changed; None takes a member away."""

    url: str
    metadata: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)  # of its token
    told: dict[str, Any] = field(default_factory=dict)  # at its userinfo_endpoint
    sent_back: dict[str, Any] = field(default_factory=dict)  # with the browser
    key: Any = KEY
    asked: dict[str, dict[str, str]] = field(default_factory=dict)  # by code: what was asked
    exchanged: list[dict[str, str]] = field(default_factory=list)
    issued: list[str] = field(default_factory=list)  # its tokens

    def setting(self, **changes: Any) -> LoginProvider:
        """Return it as an entry of LOGIN_PROVIDERS."""
        values = {"issuer": self.url, "name": "Example School", "client_id": CLIENT, "client_secret": SECRET}
        return LoginProvider(**(values | changes))

    def published(self) -> dict[str, Any]:
        """Return its metadata."""
        return _changed(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize?theme=school",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/jwks",
                "userinfo_endpoint": f"{self.url}/userinfo",
                "authorization_response_iss_parameter_supported": True,
            },
            self.metadata,
        )

    def led_back(self, query: dict[str, str]) -> str:
        """Return where it sends a browser that was led to it with this query."""
        code = secrets.token_urlsafe(16)
        self.asked[code] = query
        answer = _changed({"code": code, "state": query["state"], "iss": self.url}, self.sent_back)
        return f"{query['redirect_uri']}?{urlencode(answer)}"

    def tokens(self, form: dict[str, str], authorization: str | None) -> dict[str, Any] | None:
        """Return the tokens for a code, once, to who asked for it; None for anybody else."""
        self.exchanged.append(form)
        pair = base64.b64encode(f"{quote_plus(CLIENT)}:{quote_plus(SECRET)}".encode()).decode()
        is_client = authorization == f"Basic {pair}" or (
            authorization is None and form.get("client_secret") == SECRET
        )
        asked = self.asked.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if (
            not is_client
            or asked is None
            or asked["redirect_uri"] != form["redirect_uri"]
            or asked["code_challenge"] != base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        ):
            return None
        now = int(time.time())
        claims = _changed(
            {
                "iss": self.url,
                "sub": "person-1",
                "aud": CLIENT,
                "iat": now,
                "exp": now + 300,
                "nonce": asked["nonce"],
                "email": "ada@example.org",
                "email_verified": True,
            },
            self.claims,
        )
        token = jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "k1"})
        self.issued.append(token)
        return {"access_token": ACCESS, "token_type": "Bearer", "id_token": token}


@contextmanager
def identity_provider() -> Iterator[IdentityProvider]:
    """A running provider, at a port of its own."""

    class Page(BaseHTTPRequestHandler):
        """Answers by path."""

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/.well-known/openid-configuration":
                self.answer(provider.published())
            elif parts.path == "/jwks":
                public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
                self.answer({"keys": [public | {"kid": "k1", "use": "sig"}]})
            elif parts.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.led_back(dict(parse_qsl(parts.query))))
                self.end_headers()
            elif parts.path == "/userinfo" and self.headers["Authorization"] == f"Bearer {ACCESS}":
                self.answer(provider.told)
            else:
                self.answer({}, 404)

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(text).items()}
            tokens = provider.tokens(form, self.headers["Authorization"])
            self.answer(tokens or {"error": "invalid_grant"}, 200 if tokens else 400)

        def answer(self, body: dict[str, Any], status: int = 200) -> None:
            """Answer JSON."""
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.daemon_threads = True
    provider = IdentityProvider(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _changed(values: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (values | changes).items() if value is not None}
