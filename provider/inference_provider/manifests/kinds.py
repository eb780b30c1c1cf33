"""Which Kubernetes kinds we touch, and the one type all their bodies have."""

from dataclasses import dataclass
from typing import Any

#: A Kubernetes object as JSON; checked by golden files and by the API server, not by classes.
Body = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """One Kubernetes kind: how it is named in bodies (``name``, ``api_version``) and in paths (``plural``)."""

    name: str
    plural: str
    api_version: str = "v1"
    namespaced: bool = True

    @property
    def group(self) -> str:
        """As RBAC has it; empty for the first kinds of all."""
        return self.api_version.rpartition("/")[0]


CONFIG_MAP = Kind("ConfigMap", "configmaps")
SECRET = Kind("Secret", "secrets")
SERVICE = Kind("Service", "services")
POD = Kind("Pod", "pods")
EVENT = Kind("Event", "events")
RESOURCE_QUOTA = Kind("ResourceQuota", "resourcequotas")
LIMIT_RANGE = Kind("LimitRange", "limitranges")
NAMESPACE = Kind("Namespace", "namespaces", namespaced=False)
NODE = Kind("Node", "nodes", namespaced=False)
DEPLOYMENT = Kind("Deployment", "deployments", "apps/v1")
JOB = Kind("Job", "jobs", "batch/v1")
LEASE = Kind("Lease", "leases", "coordination.k8s.io/v1")
ENDPOINT_SLICE = Kind("EndpointSlice", "endpointslices", "discovery.k8s.io/v1")
POD_DISRUPTION_BUDGET = Kind("PodDisruptionBudget", "poddisruptionbudgets", "policy/v1")
HORIZONTAL_POD_AUTOSCALER = Kind("HorizontalPodAutoscaler", "horizontalpodautoscalers", "autoscaling/v2")
ROLE = Kind("Role", "roles", "rbac.authorization.k8s.io/v1")
ROLE_BINDING = Kind("RoleBinding", "rolebindings", "rbac.authorization.k8s.io/v1")
PRIORITY_CLASS = Kind("PriorityClass", "priorityclasses", "scheduling.k8s.io/v1", namespaced=False)
AI_GATEWAY_ROUTE = Kind("AIGatewayRoute", "aigatewayroutes", "aigateway.envoyproxy.io/v1beta1")
AI_SERVICE_BACKEND = Kind("AIServiceBackend", "aiservicebackends", "aigateway.envoyproxy.io/v1beta1")
GATEWAY_BACKEND = Kind("Backend", "backends", "gateway.envoyproxy.io/v1alpha1")
BACKEND_TRAFFIC_POLICY = Kind("BackendTrafficPolicy", "backendtrafficpolicies", "gateway.envoyproxy.io/v1alpha1")

#: What a mirror keeps: the kinds from which a Workload's whole situation can be read.
MIRRORED = (SERVICE, DEPLOYMENT, POD, JOB, ENDPOINT_SLICE)
