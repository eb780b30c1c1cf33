"""Live traffic on a simulated cluster: an HTTP engine on loopback for every pod, and callers that follow a Service.

The addresses of simulated pods are fiction, so nothing is ever sent there. Everything else is as it is in a cluster:
who gets requests stands in the EndpointSlices, an engine answers while its pod is ready, and ends as its pod ends.
"""

from tools.traffic.callers import Load
from tools.traffic.scene import Traffic, answering
from tools.traffic.tally import Tally

__all__ = ["Load", "Tally", "Traffic", "answering"]
