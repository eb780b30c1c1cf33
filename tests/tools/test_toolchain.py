"""Finding parts, and refusing in sentences: no Go compiler is started."""

import os
from pathlib import Path

import pytest

from tools import toolchain
from tools.build import failure, go_refusal
from tools.found import Finder, Versions, fits, parse_version
from tools.parts import CLUSTER_PARTS, PARTS, MissingPartError, Part, choose
from tools.store import Store

ETCD, KUBECTL, PULUMI, HOST, ROLLOUTS, SDKGEN = (
    next(part for part in PARTS if part.name == name)
    for name in ("etcd", "kubectl", "pulumi", "pulumi-language-python", "rollouts-controller", "sdkgen")
)


def program(folder: Path, name: str, *, says: str) -> Path:
    """An executable that answers every question with the same words, and counts how often it was asked."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho asked >> {path}.asked\necho '{says}'\n")
    path.chmod(0o755)
    return path


def finder(cache: Path, **environment: str) -> Finder:
    store = Store(cache)
    return Finder(store, Versions.load(store), environment)


def test_a_fitting_program_on_path_is_taken(tmp_path: Path) -> None:
    there = program(tmp_path / "bin", "etcd", says="etcd Version: 3.6.1")

    assert finder(tmp_path / "cache", PATH=str(tmp_path / "bin")).find(ETCD, {}) == there


def test_an_old_program_on_path_is_passed_over(tmp_path: Path) -> None:
    program(tmp_path / "bin", "etcd", says="etcd Version: 3.4.9")

    assert finder(tmp_path / "cache", PATH=str(tmp_path / "bin")).find(ETCD, {}) is None


def test_a_program_is_asked_for_its_version_once(tmp_path: Path) -> None:
    there = program(tmp_path / "bin", "etcd", says="3.6.1")

    for _ in range(3):
        finder(tmp_path / "cache", PATH=str(tmp_path / "bin")).find(ETCD, {})

    assert Path(f"{there}.asked").read_text() == "asked\n"


def test_our_own_links_on_path_are_not_taken_for_the_users_programs(tmp_path: Path) -> None:
    program(tmp_path / "cache" / "bin" / "x", "etcd", says="3.6.1")

    assert finder(tmp_path / "cache", PATH=str(tmp_path / "cache" / "bin" / "x")).find(ETCD, {}) is None


def test_a_stranger_of_the_same_name_is_not_taken_for_a_program_of_ours(tmp_path: Path) -> None:
    program(tmp_path / "bin", "sdkgen", says="sdkgen 99.0.0")

    assert finder(tmp_path / "cache", PATH=str(tmp_path / "bin")).find(SDKGEN, {}) is None


def test_a_named_program_comes_before_path(tmp_path: Path) -> None:
    program(tmp_path / "bin", "etcd", says="3.6.1")
    named = program(tmp_path / "mine", "etcd", says="3.5.0")

    found = finder(tmp_path / "cache", PATH=str(tmp_path / "bin"), PULUMI_INFERENCE_ETCD=str(named)).find(ETCD, {})

    assert found == named


def test_a_named_program_that_is_missing_stops(tmp_path: Path) -> None:
    with pytest.raises(MissingPartError, match=r"PULUMI_INFERENCE_ETCD names /nowhere/etcd, which is not an exec"):
        finder(tmp_path, PULUMI_INFERENCE_ETCD="/nowhere/etcd").find(ETCD, {})


def test_a_named_program_that_does_not_fit_stops(tmp_path: Path) -> None:
    named = program(tmp_path / "mine", "etcd", says="etcd Version: 3.4.9")

    with pytest.raises(MissingPartError, match=r"it answers 3\.4\.9 and 3\.5 or newer, below 4 is needed"):
        finder(tmp_path / "cache", PULUMI_INFERENCE_ETCD=str(named)).find(ETCD, {})


def test_a_pulumi_without_its_python_host_is_passed_over(tmp_path: Path) -> None:
    there = program(tmp_path / "bin", "pulumi", says="v3.259.0")
    search = finder(tmp_path / "cache", PATH=str(tmp_path / "bin"))
    assert search.find(PULUMI, {}) is None

    host = program(tmp_path / "bin", "pulumi-language-python", says="")
    program(tmp_path / "bin", "pulumi-language-python-exec", says="")

    assert search.find(PULUMI, {}) == there
    assert search.find(HOST, {"pulumi": there}) == host


def test_a_pulumi_we_built_gets_the_host_we_built(tmp_path: Path) -> None:
    ours = program(tmp_path / "cache" / "parts" / "pulumi-1", "pulumi", says="v3.259.0")
    program(tmp_path / "cache" / "parts" / "pulumi-1", "pulumi-language-python", says="")

    assert finder(tmp_path / "cache").find(HOST, {"pulumi": ours}) is None


def test_without_kubectl_the_sentence_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Finder, "_folders", lambda _self, _part: [])

    with pytest.raises(MissingPartError, match="Run `make venv`"):
        toolchain.ensure(["kubectl"], environment={"PULUMI_INFERENCE_CACHE": str(tmp_path)})


def test_without_go_the_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(MissingPartError, match=r"needs Go 1\.26 or newer, but there is no `go` on PATH\. Install Go"):
        toolchain.ensure(["etcd"], environment={"PULUMI_INFERENCE_CACHE": str(tmp_path), "PATH": str(tmp_path)})


def test_an_old_go_is_refused() -> None:
    assert go_refusal("go version go1.22.4 linux/amd64") == "the `go` on PATH is 1.22"
    assert go_refusal("go version go1.26.8 linux/amd64") is None
    assert go_refusal("") == "`go version` answers 'nothing'"


def test_a_refused_module_is_told_from_a_broken_build() -> None:
    refused = failure(ETCD, "go: go.etcd.io/etcd/server/v3@v3.6.14: reading: 404 Not Found")
    broken = failure(ETCD, "main.go:1: syntax error")

    assert "a Go module of it could not be fetched. Check `go env GOPROXY`" in refused
    assert "could not be built in tools/modules/etcd" in broken


def test_what_only_a_benchmark_needs_is_had_when_it_is_named_and_not_otherwise() -> None:
    everything = [part.name for part in choose()]

    assert ROLLOUTS.name not in everything
    assert ROLLOUTS.name not in CLUSTER_PARTS
    assert choose((ROLLOUTS.name,)) == (ROLLOUTS,)
    assert [part.name for part in PARTS if part.optional] == [ROLLOUTS.name]


def test_the_files_that_a_part_needs_have_to_lie_beside_it(tmp_path: Path) -> None:
    there = program(tmp_path / "bin", ROLLOUTS.name, says="v1.9.0")
    search = finder(tmp_path / "cache", PULUMI_INFERENCE_ROLLOUTS_CONTROLLER=str(there))
    with pytest.raises(MissingPartError, match=r"rollout-crd\.yaml, experiment-crd\.yaml, .* is missing beside it"):
        search.find(ROLLOUTS, {})

    for enclosure in ROLLOUTS.enclosures:
        (there.parent / enclosure.name).touch()

    assert search.find(ROLLOUTS, {}) == there


def test_a_build_is_announced_before_it_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go = program(tmp_path / "bin", "go", says="go version go1.22.4 linux/amd64")
    monkeypatch.setenv("PATH", str(go.parent))
    said = list[str]()

    with pytest.raises(MissingPartError, match="rollouts-controller is not on PATH, and building it needs Go"):
        toolchain.ensure(
            [ROLLOUTS.name], report=said.append, environment={"PULUMI_INFERENCE_CACHE": str(tmp_path / "cache")}
        )

    assert said == [
        "rollouts-controller      1.9.0 is being built from Go modules, once; this takes a minute or several"
    ]


def test_an_unknown_part_is_named_with_the_known_ones() -> None:
    with pytest.raises(MissingPartError, match=r"no part called kwik\. The parts are: kubectl, etcd, kwok"):
        choose(("kwik",))


@pytest.mark.parametrize(
    ("text", "version"),
    [("v3.259.0", (3, 259, 0)), ("Kubernetes v1.36.3", (1, 36, 3)), ("kwok 0.8", (0, 8)), ("who am I", ())],
)
def test_versions_are_read_out_of_sentences(text: str, version: tuple[int, ...]) -> None:
    assert parse_version(text) == version


@pytest.mark.parametrize(
    ("part", "version", "good"),
    [
        (PULUMI, (3, 199, 0), False),
        (PULUMI, (3, 200, 0), True),
        (PULUMI, (), False),
        (KUBECTL, (1, 32, 4), True),
        (choose(("kube-apiserver",))[0], (1, 35, 9), False),
        (choose(("kube-apiserver",))[0], (1, 37, 0), False),
    ],
)
def test_only_versions_we_work_with_are_taken(part: Part, version: tuple[int, ...], *, good: bool) -> None:
    assert fits(part, version) is good


def test_every_part_has_its_modules_committed() -> None:
    modules = Path(toolchain.__file__).parent / "modules"

    assert [part.name for part in PARTS if part.folder and not (modules / part.folder / "go.sum").exists()] == []
    assert os.access(modules, os.R_OK)
