"""The typed arguments of the dynamic door. Written by tools/argsgen.py; not edited by hand."""

from inference_provider.dynamic.arguments.allocation import ResourceAllocationArgs, ResourceAllocationArgsDict
from inference_provider.dynamic.arguments.artifact import (
    ArtifactSpecArgs,
    ArtifactSpecArgsDict,
    ContainerGroupArgs,
    ContainerGroupArgsDict,
    StorageArgs,
    StorageArgsDict,
)
from inference_provider.dynamic.arguments.autoscaling import (
    AutoscalingArgs,
    AutoscalingArgsDict,
    AutoscalingPolicyArgs,
    AutoscalingPolicyArgsDict,
)
from inference_provider.dynamic.arguments.bundle import (
    ResourceBundleArgs,
    ResourceBundleArgsDict,
    TolerationArgs,
    TolerationArgsDict,
)
from inference_provider.dynamic.arguments.container import (
    CapabilitiesArgs,
    CapabilitiesArgsDict,
    ContainerArgs,
    ContainerArgsDict,
    EnvVarArgs,
    EnvVarArgsDict,
    ProbeArgs,
    ProbeArgsDict,
    SeccompProfileArgs,
    SeccompProfileArgsDict,
    SecretRefArgs,
    SecretRefArgsDict,
    SecurityContextArgs,
    SecurityContextArgsDict,
)
from inference_provider.dynamic.arguments.gateway import (
    GatewayParentArgs,
    GatewayParentArgsDict,
    GatewayRouteArgs,
    GatewayRouteArgsDict,
)
from inference_provider.dynamic.arguments.policy import (
    MaxTokensArgs,
    MaxTokensArgsDict,
    PolicyFlavorArgs,
    PolicyFlavorArgsDict,
    PolicyLocationArgs,
    PolicyLocationArgsDict,
)
from inference_provider.dynamic.arguments.policy_reference import PolicyRefArgs, PolicyRefArgsDict
from inference_provider.dynamic.arguments.replacement import ReplacementSettingsArgs, ReplacementSettingsArgsDict
from inference_provider.dynamic.arguments.runtime import (
    ContainerOverrideArgs,
    ContainerOverrideArgsDict,
    GroupRuntimeArgs,
    GroupRuntimeArgsDict,
    RuntimeArgs,
    RuntimeArgsDict,
)
from inference_provider.dynamic.arguments.shared_roles import SharedRoleArgs, SharedRoleArgsDict
from inference_provider.dynamic.arguments.timeouts import TimeoutsArgs, TimeoutsArgsDict
from inference_provider.dynamic.arguments.warmup import WarmupArgs, WarmupArgsDict
from inference_provider.dynamic.arguments.workload import (
    InlineArtifactArgs,
    InlineArtifactArgsDict,
    ServiceSettingsArgs,
    ServiceSettingsArgsDict,
)

__all__ = [
    "ArtifactSpecArgs",
    "ArtifactSpecArgsDict",
    "AutoscalingArgs",
    "AutoscalingArgsDict",
    "AutoscalingPolicyArgs",
    "AutoscalingPolicyArgsDict",
    "CapabilitiesArgs",
    "CapabilitiesArgsDict",
    "ContainerArgs",
    "ContainerArgsDict",
    "ContainerGroupArgs",
    "ContainerGroupArgsDict",
    "ContainerOverrideArgs",
    "ContainerOverrideArgsDict",
    "EnvVarArgs",
    "EnvVarArgsDict",
    "GatewayParentArgs",
    "GatewayParentArgsDict",
    "GatewayRouteArgs",
    "GatewayRouteArgsDict",
    "GroupRuntimeArgs",
    "GroupRuntimeArgsDict",
    "InlineArtifactArgs",
    "InlineArtifactArgsDict",
    "MaxTokensArgs",
    "MaxTokensArgsDict",
    "PolicyFlavorArgs",
    "PolicyFlavorArgsDict",
    "PolicyLocationArgs",
    "PolicyLocationArgsDict",
    "PolicyRefArgs",
    "PolicyRefArgsDict",
    "ProbeArgs",
    "ProbeArgsDict",
    "ReplacementSettingsArgs",
    "ReplacementSettingsArgsDict",
    "ResourceAllocationArgs",
    "ResourceAllocationArgsDict",
    "ResourceBundleArgs",
    "ResourceBundleArgsDict",
    "RuntimeArgs",
    "RuntimeArgsDict",
    "SeccompProfileArgs",
    "SeccompProfileArgsDict",
    "SecretRefArgs",
    "SecretRefArgsDict",
    "SecurityContextArgs",
    "SecurityContextArgsDict",
    "ServiceSettingsArgs",
    "ServiceSettingsArgsDict",
    "SharedRoleArgs",
    "SharedRoleArgsDict",
    "StorageArgs",
    "StorageArgsDict",
    "TimeoutsArgs",
    "TimeoutsArgsDict",
    "TolerationArgs",
    "TolerationArgsDict",
    "WarmupArgs",
    "WarmupArgsDict",
]
