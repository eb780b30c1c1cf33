"""Where does the demonstration keep its things? In the cache, apart from every stack and cluster of one's own."""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.cluster import Cluster, cluster
from tools.store import cache_root

ROOT = Path(__file__).parents[2]
CLUSTER, STACK = "demo", "simulated"
NAMESPACE, WORKLOAD = "default", "chat"


class DemoError(Exception):
    """The demonstration cannot go on; the message is one sentence for the person who watches."""


@dataclass(frozen=True)
class Place:
    """The folder of the demonstration's Pulumi state, and its cluster."""

    folder: Path
    cluster: Cluster

    @property
    def config(self) -> Path:
        """The stack's configuration. The CLI wants it beside Pulumi.yaml; git ignores it there."""
        return ROOT / f"Pulumi.{STACK}.yaml"

    @property
    def log(self) -> Path:
        """Everything that the CLI printed."""
        return self.folder / "pulumi.log"

    @property
    def environment_file(self) -> Path:
        """What a person sources to look around."""
        return self.folder / "environment"

    def exists(self) -> bool:
        """Whether an earlier demonstration left anything."""
        return self.folder.exists() or self.cluster.exists()

    def settings(self, parts: Path) -> dict[str, str]:
        """The variables that make the CLI quiet, offline and apart; with the real parts and our Python first."""
        return {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{parts}",
            "KUBECONFIG": str(self.cluster.kubeconfig),
            "PYTHONPATH": str(ROOT / "provider"),
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "demo",
            "PULUMI_STACK": STACK,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }

    def environment(self, parts: Path, outside: Mapping[str, str] = os.environ) -> dict[str, str]:
        """The environment of the CLI: nothing of a stack or a cluster of one's own gets in."""
        kept = {key: value for key, value in outside.items() if not key.startswith("PULUMI_")}
        settings = self.settings(parts)
        settings["PATH"] += os.pathsep + outside.get("PATH", "")
        return kept | settings

    def prepare(self, parts: Path) -> None:
        """Make the folders, and the file that a person sources."""
        for name in ("home", "state"):
            (self.folder / name).mkdir(parents=True)
        lines = [
            f"export {key}={shlex.quote(value)}{':$PATH' if key == 'PATH' else ''}"
            for key, value in self.settings(parts).items()
        ]
        self.environment_file.write_text("\n".join(lines) + "\n")

    def forget(self) -> None:
        """Remove every file but the cluster's."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.config.unlink(missing_ok=True)


def place() -> Place:
    """The one place of this machine's demonstration."""
    return Place(cache_root() / "demo", cluster(CLUSTER))
