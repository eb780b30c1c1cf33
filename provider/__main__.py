"""What a Pulumi language host runs when it is given this folder as a plugin (see PulumiPlugin.yaml)."""

from inference_provider.plugin.server import main

main()
