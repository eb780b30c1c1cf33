"""Which limits on tokens do the policies over a Workload come to, all of them together?"""

from inference_provider.domain.token_limits import TokenRule
from inference_provider.placement.allowance import Rules


def token_rules(rules: Rules) -> tuple[TokenRule, ...]:
    """Every limit of every policy about tokens: each of them holds. Those of sandboxes come last."""
    about = sorted(
        (each for each in rules.policies if each.max_tokens is not None and each.type == "maxTokens"),
        key=lambda each: (each.sandbox, each.namespace or "", each.name),
    )
    return tuple(
        TokenRule(f"{each.namespace}/{each.name}", limit, shadow=each.sandbox)
        for each in about
        if each.max_tokens is not None
        for limit in each.max_tokens.limits
    )
