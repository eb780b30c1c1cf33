"""The policy pack as Pulumi starts it: `pulumi preview --policy-pack policy-pack`."""

from inference_policies.crossguard import serve

serve()
