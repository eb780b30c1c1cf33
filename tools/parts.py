"""Which real parts does the project need, in which versions, and how is each built?"""

from dataclasses import dataclass

PULUMI_VERSION = "3.259.0"
KUBERNETES_VERSION = "1.36.3"
ARGO_ROLLOUTS_VERSION = "1.9.0"

_SDK = "github.com/pulumi/pulumi/sdk/v3"
_STRIP = "-s -w"
_PULUMI_FLAGS = f"{_STRIP} -X {_SDK}/go/common/version.Version=v{PULUMI_VERSION}"
_COMPONENT = "k8s.io/component-base/version"
_KUBERNETES_FLAGS = (
    f"{_STRIP} -X {_COMPONENT}.gitVersion=v{KUBERNETES_VERSION} -X {_COMPONENT}.gitMajor=1 -X {_COMPONENT}.gitMinor=36"
)


_ARGO_ROLLOUTS = "github.com/argoproj/argo-rollouts"


@dataclass(frozen=True)
class Enclosure:
    """A file that is copied out of a Go module's source and laid beside the program."""

    folder: str
    """Folder under tools/modules whose go.mod pins the module."""
    module: str
    path: str
    """The file inside the module."""
    executable: bool = True
    """A script; otherwise something to read, without which the program is of no use."""

    @property
    def name(self) -> str:
        """How it is called beside the program."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class Part:
    """One program: its name is the name of its executable."""

    name: str
    version: str
    folder: str
    """Folder under tools/modules with the go.mod and go.sum it is built from; empty when it is not built."""
    package: str
    ldflags: str = _STRIP
    tags: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    at_least: tuple[int, ...] = ()
    """The oldest version that is accepted from PATH or the environment."""
    below: tuple[int, ...] = ()
    """The first version that is no longer accepted; empty when newer is always welcome."""
    version_arguments: tuple[str, ...] = ("--version",)
    companions: tuple[str, ...] = ()
    """Executables that must lie beside it when it was not built here."""
    beside: str = ""
    """It is only taken from PATH together with this part, out of the same folder."""
    optional: bool = False
    """Only had when it is asked for by its name: some benchmark needs it, nothing else does."""

    @property
    def ours(self) -> bool:
        """Its source lies in its folder: what else is called so on somebody's PATH is another program."""
        return self.package == "."

    @property
    def variable(self) -> str:
        """The environment variable that names a ready-made executable."""
        return "PULUMI_INFERENCE_" + self.name.upper().replace("-", "_")


def _kubernetes(name: str) -> Part:
    return Part(
        name=name,
        version=KUBERNETES_VERSION,
        folder="kubernetes",
        package=f"k8s.io/kubernetes/cmd/{name}",
        ldflags=_KUBERNETES_FLAGS,
        tags="grpcnotrace",
        at_least=(1, 36),
        below=(1, 37),
    )


def _kwok(name: str) -> Part:
    return Part(
        name=name,
        version="0.8.0",
        folder="kwok",
        package=f"sigs.k8s.io/kwok/cmd/{name}",
        at_least=(0, 8),
        below=(0, 9),
    )


_PYTHON_SCRIPTS = (
    Enclosure("pulumi", _SDK, "python/cmd/pulumi-language-python-exec"),
    Enclosure("pulumi", _SDK, "python/dist/pulumi-resource-pulumi-python"),
)

ARGO_ROLLOUTS_CRDS = tuple(
    Enclosure("argo-rollouts", _ARGO_ROLLOUTS, f"manifests/crds/{name}-crd.yaml", executable=False)
    for name in ("rollout", "experiment", "analysis-run", "analysis-template", "cluster-analysis-template")
)
"""What a cluster has to know before Argo Rollouts' controller can start."""

PARTS: tuple[Part, ...] = (
    Part(
        name="kubectl",
        version="1.36.4",
        folder="",
        package="",
        at_least=(1, 30),
        version_arguments=("version", "--client"),
    ),
    Part(
        name="etcd",
        version="3.6.14",
        folder="etcd",
        package="go.etcd.io/etcd/server/v3",
        at_least=(3, 5),
        below=(4,),
    ),
    _kwok("kwok"),
    _kwok("kwokctl"),
    _kubernetes("kube-apiserver"),
    _kubernetes("kube-controller-manager"),
    _kubernetes("kube-scheduler"),
    Part(
        name="pulumi",
        version=PULUMI_VERSION,
        folder="pulumi",
        package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        ldflags=_PULUMI_FLAGS,
        tags="grpcnotrace,osusergo",
        at_least=(3, 200),
        below=(4,),
        version_arguments=("version",),
        companions=("pulumi-language-python", "pulumi-language-python-exec"),
    ),
    Part(
        name="pulumi-language-python",
        version="3.79.0",
        folder="pulumi-language-python",
        package=f"{_SDK}/python/cmd/pulumi-language-python",
        enclosures=_PYTHON_SCRIPTS,
        beside="pulumi",
    ),
    Part(name="sdkgen", version=PULUMI_VERSION, folder="sdkgen", package=".", tags="grpcnotrace,osusergo"),
    Part(
        name="registry",
        version="3.0.0",
        folder="registry",
        package="github.com/distribution/distribution/v3/cmd/registry",
        at_least=(3,),
        below=(4,),
    ),
    Part(
        name="rollouts-controller",
        version=ARGO_ROLLOUTS_VERSION,
        folder="argo-rollouts",
        package=f"{_ARGO_ROLLOUTS}/cmd/rollouts-controller",
        ldflags=f"{_STRIP} -X {_ARGO_ROLLOUTS}/utils/version.version={ARGO_ROLLOUTS_VERSION}",
        enclosures=ARGO_ROLLOUTS_CRDS,
        at_least=(1, 9),
        below=(1, 10),
        optional=True,
    ),
)
"""In the order in which they are had: the simulated cluster's parts first, what only benchmarks need last."""

CLUSTER_PARTS = ("kubectl", "etcd", "kwok", "kwokctl", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
"""What `tools.cluster` runs."""


class MissingPartError(Exception):
    """A part cannot be had; the message says what to install."""


def choose(names: tuple[str, ...] | None = None) -> tuple[Part, ...]:
    """The parts with these names, in building order; without names all of them, but for the optional ones.

    Raises:
        MissingPartError: a name is not that of a part.
    """
    if names is None:
        return tuple(part for part in PARTS if not part.optional)
    unknown = sorted(set(names) - {part.name for part in PARTS})
    if unknown:
        known = ", ".join(part.name for part in PARTS)
        raise MissingPartError(f"There is no part called {', '.join(unknown)}. The parts are: {known}.")
    return tuple(part for part in PARTS if part.name in names)
