"""Which rights do we need? The same as the Role in the README; asked one by one before anything is tried."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from inference_provider.converge.ports import Cluster
from inference_provider.manifests.kinds import Body, Kind

ACCESS_REVIEW = Kind("SelfSubjectAccessReview", "selfsubjectaccessreviews", "authorization.k8s.io/v1", namespaced=False)


@dataclass(frozen=True)
class Right:
    """One verb on one resource; ``subresource`` as in pods/log."""

    verb: str
    group: str
    resource: str
    subresource: str = ""

    @property
    def name(self) -> str:
        """As RBAC and kubectl write it: ``patch deployments/scale.apps``."""
        written = f"{self.resource}/{self.subresource}" if self.subresource else self.resource
        return f"{self.verb} {written}{f'.{self.group}' if self.group else ''}"


def _rights(group: str, resource: str, verbs: str) -> tuple[Right, ...]:
    resource, _, subresource = resource.partition("/")
    return tuple(Right(verb, group, resource, subresource) for verb in verbs.split())


#: In the namespace of the Workloads; nothing works without them.
NEEDED = (
    *_rights("", "services", "get list watch create patch delete"),
    *_rights("", "configmaps", "get list create update patch delete"),
    *_rights("", "secrets", "get list create delete"),
    *_rights("", "pods", "list watch"),
    *_rights("", "pods/log", "get"),
    *_rights("apps", "deployments", "get list watch create patch"),
    *_rights("apps", "deployments/scale", "patch"),
    *_rights("batch", "jobs", "get list watch create patch delete"),
    *_rights("autoscaling", "horizontalpodautoscalers", "get list create patch delete"),
    *_rights("policy", "poddisruptionbudgets", "get list create"),
    *_rights("coordination.k8s.io", "leases", "get list create update"),
    *_rights("discovery.k8s.io", "endpointslices", "list watch"),
)

#: In the namespace of the Workloads, for people who look: without these `events` tells of our records alone, and what
#: quotas leave is known when one refuses.
LOOKING = (*_rights("", "events", "list"), *_rights("", "resourcequotas", "list"))

#: On the whole cluster, for policies; without them the API server itself does not hold to any.
ADMISSION = (
    *_rights("admissionregistration.k8s.io", "validatingadmissionpolicies", "get list create update delete"),
    *_rights("admissionregistration.k8s.io", "validatingadmissionpolicybindings", "get create update delete"),
)

#: In the namespace of the Workloads, where one of them is reached through a gateway.
GATEWAY = (
    *_rights("aigateway.envoyproxy.io", "aigatewayroutes", "get list create patch delete"),
    *_rights("aigateway.envoyproxy.io", "aiservicebackends", "get list create patch delete"),
    *_rights("gateway.envoyproxy.io", "backends", "get list create patch delete"),
    *_rights("gateway.envoyproxy.io", "backendtrafficpolicies", "get list create patch delete"),
)

#: On the whole cluster, for PriorityClasses; without them ``importance`` does not schedule.
PRIORITIES = _rights("scheduling.k8s.io", "priorityclasses", "get create")


async def lacking(cluster: Cluster, rights: Sequence[Right], namespace: str | None) -> tuple[Right, ...]:
    """Those of the rights that the API server would refuse us. Raises ClusterErrors when it will not say."""
    answers = await asyncio.gather(*(cluster.create(ACCESS_REVIEW, _question(each, namespace)) for each in rights))
    return tuple(right for right, answer in zip(rights, answers, strict=True) if not _granted(answer))


def _question(right: Right, namespace: str | None) -> Body:
    asked = {"verb": right.verb, "group": right.group, "resource": right.resource, "subresource": right.subresource}
    attributes = {**asked, "namespace": namespace} if namespace else asked
    # A review has no name, and the API server wants none.
    return {"metadata": {"name": ""}, "spec": {"resourceAttributes": attributes}}


def _granted(answer: Body) -> bool:
    return bool((answer.get("status") or {}).get("allowed"))
