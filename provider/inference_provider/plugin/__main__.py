"""`python -m inference_provider.plugin`: the same as `pulumi-resource-inference`."""

from inference_provider.plugin.server import main

if __name__ == "__main__":
    main()
