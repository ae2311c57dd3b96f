"""Judges Open Badges 3.0, plain or baked, by openbadgeslib; runs in the environment that install.py made.

Inputs are files: .json (Data Integrity proof), .jws (VC-JWT of a did:web issuer), .png and .svg with either
inside. Prints one JSON line for each. https on this machine is open, everything else is refused: exit 3.
"""

import argparse
import base64
import json
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from openbadgeslib.ob3 import OB3LdpVerifier, OB3Verifier  # type: ignore[import-not-found]
from openbadgeslib.util import download_file  # type: ignore[import-not-found]

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
foreign: list[str] = []


def download(url: str) -> bytes:
    """The body of an address on this machine. Raises OSError for any other."""
    if urlsplit(url).hostname not in LOOPBACK:
        foreign.append(url)
        raise OSError(f"refused: {url} is not on this machine")
    body: bytes = download_file(url, allow_private=True)
    return body


def token_of(path: Path) -> str:
    """The credential in a file: its text, or what the picture has baked in."""
    if path.suffix == ".png":
        return str(OB3Verifier.extract_token_from_png(path.read_bytes()))
    if path.suffix == ".svg":
        return str(OB3Verifier.extract_token_from_svg(path.read_bytes()))
    return path.read_text(encoding="utf-8").strip()


def credential_in(token: str) -> dict[str, Any]:
    """The credential inside a JWT, or the JSON itself; nothing is verified."""
    if not token.startswith("{"):
        claims = token.split(".")[1]
        token = base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)).decode()
    credential: dict[str, Any] = json.loads(token)
    return credential


def verify(token: str) -> None:
    """Raise what the library raises unless it accepts the credential."""
    # It can check the signature of a status list only if the list is a JWT. Ours has a Data Integrity proof,
    # which other instruments check.
    options = {"check_status": True, "download": download, "verify_status_list": False}
    if token.startswith("{"):
        OB3LdpVerifier().verify(token, **options)
        return
    issuer = credential_in(token)["issuer"]
    did = issuer["id"] if isinstance(issuer, dict) else issuer
    OB3Verifier.for_issuer_did(did, download=download).verify(token, **options)


def judgement(path: Path) -> dict[str, object]:
    """The facts of the verdict about one file."""
    content = None
    try:
        content = token_of(path)
        verify(content)
        has_status = "credentialStatus" in credential_in(content)
    except FileNotFoundError:
        raise  # the instrument's fault
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        said = why.lower()
        return {
            "revoked": "status 'revocation' is set" in said or None,
            "expired": "expired" in said or None,
            "why": why,
            "content": content,
        }
    return {"verified": True, "revoked": False if has_status else None, "expired": False, "content": content}


def main(arguments: list[str]) -> int:
    """Judge every file; exit 3 if the library wanted an address outside this machine."""
    parser = argparse.ArgumentParser(description="Judge Open Badges 3.0 by openbadgeslib.")
    parser.add_argument("inputs", nargs="*")
    for name in parser.parse_args(arguments).inputs:
        unknown = {
            "input": name,
            "verified": False,
            "revoked": None,
            "expired": None,
            "schema_valid": None,
            "why": "",
        }
        with redirect_stdout(sys.stderr):
            facts = judgement(Path(name))
        sys.stdout.write(json.dumps(unknown | facts) + "\n")
    if foreign:
        sys.stderr.write(
            f"openbadgeslib asked for addresses outside this machine: {', '.join(sorted(set(foreign)))}\n"
        )
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
