"""Is this machine fit for `pulumi up`? The CLI, its login, and whether the stacks here mean the cluster we look at."""

import importlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from inference_provider.resources.doctor import Finding, fine, problem, warning

#: The oldest CLI that the dynamic door was tried with, as in pyproject.toml.
OLDEST = (3, 259)

#: ``pulumi version`` looks for updates first; a machine without a network makes it wait (seconds).
PATIENCE = 20.0

_INSTALL = "Install it from https://www.pulumi.com/docs/install and put it on PATH."


def pulumi(environ: Mapping[str, str]) -> Finding:
    """Whether the CLI is there and new enough."""
    path = shutil.which("pulumi", path=environ.get("PATH", ""))
    if path is None:
        return problem("pulumi", "it is not on PATH", _INSTALL)
    try:
        quiet = {**environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
        ran = subprocess.run([path, "version"], capture_output=True, text=True, timeout=PATIENCE, env=quiet, check=True)
    except (OSError, subprocess.SubprocessError):
        return problem("pulumi", f"{path} does not run", _INSTALL)
    return cli_version(ran.stdout.strip(), path)


def cli_version(version: str, path: str) -> Finding:
    """Whether a version such as "v3.259.0" is new enough."""
    wanted = ".".join(map(str, OLDEST))
    read = re.match(r"v?(\d+)\.(\d+)", version)
    if read is None:
        return warning("pulumi", f"{path} says {version!r} for its version", f"Make sure that it is {wanted} or newer.")
    if (int(read[1]), int(read[2])) < OLDEST:
        return problem("pulumi", f"{version} at {path} is too old", f"Install {wanted} or newer.")
    return fine("pulumi", f"{version} at {path} ({wanted} or newer is needed)")


def backend(environ: Mapping[str, str], home: Path) -> Finding:
    """Where stacks are kept, and whether they can be opened without a question. Addresses may hold secrets: schemes."""
    where = environ.get("PULUMI_BACKEND_URL") or _logged_in(Path(environ.get("PULUMI_HOME") or home / ".pulumi"))
    if not where:
        return warning("backend", "nobody is logged in to Pulumi", "Run `pulumi login`, or set PULUMI_BACKEND_URL.")
    scheme = where.partition("://")[0]
    if scheme in ("https", "http") or environ.keys() & {"PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"}:
        return fine("backend", f"stacks are kept at {scheme}://")
    cure = "Set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE where nobody can be asked."
    return warning("backend", f"stacks are kept at {scheme}://, whose secrets ask for a passphrase", cure)


def _logged_in(folder: Path) -> str:
    try:
        return str(json.loads((folder / "credentials.json").read_text()).get("current") or "")
    except (OSError, ValueError, AttributeError):
        return ""


def stacks(folder: Path, *, namespace: str, context: str) -> Iterator[Finding]:
    """A warning for each stack of this folder's project that means another namespace or context than we look at."""
    for path in sorted(folder.glob("Pulumi.*.yaml")):
        config = _config(path)
        for key, here, option in (("namespace", namespace, "-n"), ("context", context, "--context")):
            there = config.get(f"inference:{key}")
            if isinstance(there, str) and there != here:
                said = f"{path.name} says inference:{key} {there}; this looks at {here or 'none'}"
                yield warning("stack", said, f"Add {option} {there} to look where that stack works.")


def _config(path: Path) -> Mapping[str, object]:
    # By name, because PyYAML (there through pulumi) comes without types.
    yaml = importlib.import_module("yaml")
    try:
        config = yaml.safe_load(path.read_text()).get("config")
    except (OSError, ValueError, AttributeError, yaml.YAMLError):
        return {}
    return config if isinstance(config, Mapping) else {}
