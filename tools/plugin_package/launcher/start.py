"""Starts the plugin, if lib/ was made for this Python; else others.py finds one. Imports little: the engine waits."""

import importlib
import sys

HERE = __file__.rpartition("/")[0]


def main() -> None:
    """Become the plugin, or end with a sentence."""
    sys.path.insert(0, HERE)
    suitable = importlib.import_module("pythons").SUITABLE
    if "{}.{}".format(*sys.version_info) in suitable:
        sys.path[0] = f"{HERE}/lib"
        importlib.import_module("inference_provider.plugin.server").main()
    else:
        importlib.import_module("others").take(suitable, again=__file__)


main()
