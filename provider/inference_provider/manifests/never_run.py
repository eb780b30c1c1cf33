"""What stands in an object that needs a pod, and never makes one?"""

from inference_provider.manifests.kinds import Body


def never_run() -> Body:
    """A pod spec that passes restricted PodSecurity and quotas, although no pod is ever made of it."""
    amounts = {"cpu": "1m", "memory": "1Mi"}
    return {
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [
            {
                "name": "never",
                "image": "pulumi-inference/never-run",
                "resources": {"requests": amounts, "limits": amounts},
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                },
            }
        ],
    }
