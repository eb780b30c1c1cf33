"""What is each language's SDK called, what does it need, and what does its first page say?"""

from typing import Any

_PULUMI = "3.259.0"
_NODE_PACKAGE = "@pulumi-inference/inference"
_GO_MODULE = "github.com/pulumi-inference/pulumi-inference/sdk/go"

_WHAT = """Serve models on GPUs in Kubernetes as code. A change of what runs becomes a rolling replacement: the new
version comes up beside the old one, is proven, and takes the traffic; when it fails, it is removed and the old one
serves on."""

_PLUGIN = """The work is done by the plugin `pulumi-resource-inference`. Install it with the Python package
`pulumi-inference-provider` and keep its folder on `PATH`; Pulumi then finds it."""


def languages() -> dict[str, Any]:
    """The settings of Pulumi's generators, by language."""
    return {
        "python": {
            "packageName": "pulumi_inference",
            "pyproject": {"enabled": True},
            "pythonRequires": ">=3.11",
            "requires": {"pulumi": f">={_PULUMI},<4.0.0"},
            "readme": _page("pulumi_inference", "python", "import pulumi_inference as inference"),
            "respectSchemaVersion": True,
            "inputTypes": "classes-and-dicts",
        },
        "nodejs": {
            "packageName": _NODE_PACKAGE,
            "packageDescription": "GPU inference on Kubernetes as code, with rolling replacements.",
            "dependencies": {"@pulumi/pulumi": f"^{_PULUMI}"},
            "typescriptVersion": "^5.9.0",
            "readme": _page(_NODE_PACKAGE, "typescript", f'import * as inference from "{_NODE_PACKAGE}";'),
            "respectSchemaVersion": True,
        },
        "go": {
            "modulePath": _GO_MODULE,
            "importBasePath": f"{_GO_MODULE}/inference",
            "generateResourceContainerTypes": True,
            "respectSchemaVersion": True,
        },
    }


def _page(title: str, language: str, line: str) -> str:
    return f"# {title}\n\n{_WHAT}\n\n```{language}\n{line}\n```\n\n{_PLUGIN}\n"
