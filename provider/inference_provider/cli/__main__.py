"""`python -m inference_provider.cli`: the command line where its script is not on PATH."""

from inference_provider.cli.app import main

if __name__ == "__main__":
    main()
