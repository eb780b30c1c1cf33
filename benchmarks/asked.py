"""How many requests did a program send to the API server? What the server itself has written down: its audit log."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tools.cluster.config import Flag

#: As the programs call themselves to the server; ours goes by the name of the library that it connects with.
KUBECTL, OURS = "kubectl", "kr8s"
#: In a simulated cluster controllers are the same user as people, so everything is written down.
_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived", "ResponseStarted"],
    "rules": [{"level": "Metadata"}],
}


class AuditLog:
    """The audit log of one cluster, from the moment when this was made or last asked."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0

    def since(self) -> Counter[str]:
        """Requests since the last time, by what sent them; watches count when they end."""
        with self._path.open() as log:
            log.seek(self._read)
            found = by_sender(log)
            self._read = log.tell()
        return found


def by_sender(lines: Iterable[str]) -> Counter[str]:
    """Requests by the name of the program that sent them."""
    agents = (json.loads(line).get("userAgent") or "" for line in lines if line.strip())
    return Counter(agent.partition("/")[0] for agent in agents)


def audit_flags(folder: Path) -> tuple[Path, list[Flag]]:
    """Where the log will be, and what the API server has to be told for that."""
    policy, log = folder / "audit-policy.json", folder / "audit.log"
    policy.write_text(json.dumps(_POLICY))
    log.touch()
    told = {"audit-policy-file": str(policy), "audit-log-path": str(log)}
    return log, [Flag("kube-apiserver", key, value) for key, value in told.items()]
