"""How is the same Workload addressed again? Sentences that name a command name it so that it can be copied."""

import shlex

from inference_provider.seam.errand import Target


def address(target: Target, workload: str) -> str:
    """``pulumi-inference {} chat -n models``, with {} for the verb and the options that were given."""
    options = (("-n", target.namespace), ("--context", target.context), ("--kubeconfig", target.kubeconfig))
    given = "".join(f" {option} {shlex.quote(value)}" for option, value in options if value)
    return f"pulumi-inference {{}} {workload}" + given.replace("{", "{{").replace("}", "}}")
