"""A list whose next page has expired (410) begins anew, under a watch as everywhere."""

import json

from inference_provider.cluster.client import Client
from inference_provider.cluster.retry import ONCE
from inference_provider.cluster.session import connect
from inference_provider.manifests.kinds import MIRRORED, POD
from tests.cluster.scripted_server import Reply, ScriptedServer, events, page, status

PODS = "/api/v1/namespaces/n/pods"


async def test_a_page_that_expired_is_listed_from_the_first_again(scripted: ScriptedServer) -> None:
    for kind in MIRRORED:
        group = f"/apis/{kind.api_version}" if "/" in kind.api_version else "/api/v1"
        scripted.replies[f"GET {group}/namespaces/n/{kind.plural}"] = [page()]
        scripted.replies[f"WATCH {group}/namespaces/n/{kind.plural}"] = [events(stays=True)]
    labels = {"pulumi-inference.dev/workload": "w"}
    names = [{"metadata": {"name": each, "resourceVersion": "1", "labels": labels}} for each in ("a", "b", "c")]
    begun = Reply(body=json.dumps({"metadata": {"resourceVersion": "1", "continue": "more"}, "items": names[:1]}))
    too_old = status(410, "The provided continue parameter is too old")
    scripted.replies[f"GET {PODS}"] = [begun, too_old, page(*names[1:], version="2")]
    client = Client(await connect(kubeconfig=scripted.kubeconfig()), retry=ONCE)
    async with client.mirror("n", "w") as mirror:
        assert [each["metadata"]["name"] for each in mirror.objects(POD)] == ["b", "c"]
    await client.close()


async def test_a_plain_list_begins_anew_as_well(scripted: ScriptedServer) -> None:
    names = [{"metadata": {"name": each, "resourceVersion": "1"}} for each in ("a", "b", "c")]
    begun = Reply(body=json.dumps({"metadata": {"resourceVersion": "1", "continue": "more"}, "items": names[:1]}))
    too_old = status(410, "The provided continue parameter is too old")
    scripted.replies[f"GET {PODS}"] = [begun, too_old, page(*names[1:], version="2")]
    client = Client(await connect(kubeconfig=scripted.kubeconfig()), retry=ONCE)
    assert [each["metadata"]["name"] for each in await client.list(POD, "n")] == ["b", "c"]
    await client.close()
