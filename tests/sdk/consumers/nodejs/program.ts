// Can somebody write everything that our resources take, and read everything that they tell, in strict TypeScript?
// Twins in Python and Go lie beside this; a test holds all three to the same inputs.

import * as pulumi from "@pulumi/pulumi";
import * as inference from "@pulumi-inference/inference";

const probe: inference.types.input.ProbeArgs = {
    path: "/health",
    scheme: inference.ProbeScheme.HTTPS,
    periodSeconds: 5,
};

const server: inference.types.input.ContainerArgs = {
    name: "vllm",
    image: "vllm/vllm-openai:v0.11.0",
    args: ["--model", "Qwen/Qwen3-32B"],
    env: [
        { name: "LEVEL", value: "info" },
        { name: "TOKEN", secretRef: { name: "hub", key: "token" } },
    ],
    primary: true,
    port: 8000,
    startupProbe: probe,
    readinessProbe: { path: "/health", scheme: "HTTP", httpHeaders: { "X-Probe": "yes" } },
    securityContext: {
        capabilities: { drop: ["ALL"] },
        seccompProfile: { type: inference.SeccompProfileType.RuntimeDefault },
    },
};

function artifact(provider: inference.Provider): inference.Artifact {
    return new inference.Artifact("chat", {
        type: inference.ArtifactType.Service,
        status: "locked",
        pinImages: inference.PinImages.Always,
        spec: {
            containerGroups: [
                { name: "server", containers: [server] },
                { name: "worker", containers: [{ name: "tokenizer", image: "models.example.com/tokenizer:1" }] },
            ],
        },
        secretEnv: { API_KEY: pulumi.secret("hidden") },
        retainVersions: 5,
        timeouts: { delete: "5m" },
    }, { provider });
}

const h100: inference.types.input.ResourceBundleArgs = {
    name: "h100",
    cpu: 16,
    memory: "128Gi",
    gpu: 2,
    gpuModel: "NVIDIA-H100-80GB-HBM3",
    tolerations: [{
        key: "gpu",
        operator: inference.TolerationOperator.Exists,
        effect: inference.TaintEffect.NoSchedule,
    }],
    pricePerHour: 9.5,
};

function workload(chat: inference.Artifact, provider: inference.Provider): inference.Workload {
    const queue = { scalingMetric: "gpuRequestQueueDepth", target: 4, minCount: 1, maxCount: 6 };
    return new inference.Workload("chat", {
        artifactId: chat.versionId,
        importance: inference.Importance.High,
        environment: "staging",
        tags: { team: "search" },
        runtime: {
            containerGroups: [
                { name: "server", replicaCount: 2, resourceBundles: [h100] },
                { name: "worker", autoscaling: { policies: [queue] } },
            ],
        },
        service: {
            type: inference.ServiceType.LoadBalancer,
            port: 8080,
            annotations: { "example.com/zone": "a" },
        },
        replacement: {
            driver: "external",
            surge: inference.Surge.Fallback,
            onFailure: "keep",
            drainSeconds: 15,
            warmup: { path: "/v1/models", requests: 10, maxP95Seconds: 2.5 },
        },
        timeouts: { create: "1h", update: 5400 },
    }, { provider });
}

function ruled(provider: inference.Provider): void {
    new inference.Policy("places", {
        type: inference.PolicyType.Location,
        locations: [{ type: inference.PolicyLocationType.Continent, name: "eu" }],
        labels: { "team.name": "a" },
        sandbox: true,
    }, { provider });
    new inference.Policy("hardware", {
        type: "flavor",
        flavors: [{ type: "gpu", name: "h100" }],
        resourceTypes: [inference.PolicyResourceType.Model],
        forceDelete: true,
    }, { provider });
    new inference.Workload("ruled", {
        artifactId: "models/old@0123456789ab",
        policies: [{ refType: inference.PolicyRefType.RemotePolicy, id: "rules/places" }],
    }, { provider });
}

function inline(provider: inference.Provider): void {
    new inference.Workload("embed", {
        artifact: {
            type: "nim",
            spec: {
                containerGroups: [{
                    containers: [{ name: "nim", image: "nvcr.io/nim/e5:1", primary: true, port: 8000 }],
                }],
                storage: { mode: inference.StorageMode.DedicatedPvc, pvcSize: "50Gi" },
            },
        },
    }, { provider });
}

// Every resource, with nested inputs, and words from lists as text and as enumerations; what it returns are outputs.
export function declare(): Record<string, pulumi.Output<unknown>> {
    const provider = new inference.Provider("cluster", {
        kubeconfig: "/etc/kubeconfig",
        context: "gpu",
        namespace: "models",
    });
    const chat = artifact(provider);
    const served = workload(chat, provider);
    const change = new inference.Replacement("chat", {
        workloadId: served.id,
        candidateArtifactId: chat.versionId,
        promotion: inference.Promotion.Manual,
        trafficSwitch: "atomic",
        keepOldVersionMinutes: 2.5,
        runtime: { containerGroups: [{ name: "server", containers: [{ name: "vllm" }] }] },
    }, { provider, dependsOn: [served] });
    inline(provider);
    ruled(provider);
    new inference.Workload("old", { artifactId: "models/old@0123456789ab", running: false }, {
        provider,
        import: "models/old",
        protect: true,
        ignoreChanges: ["tags"],
    });
    const seen = inference.Workload.get("seen", "models/seen", { provider });
    const here = { provider };
    const capacity = inference.getCapacityOutput(
        { gpuModel: "NVIDIA-H100-80GB-HBM3", pods: 2, gpusPerPod: 4 }, here);
    const listed = inference.listWorkloadsOutput({ search: "cha", status: ["running"], limit: 10 }, here);
    const plan = inference.planReplacementOutput({
        name: "chat",
        artifactId: chat.versionId,
        replicas: { server: 3 },
        changes: { environment: "test" },
    }, here);
    return {
        free: capacity.free,
        names: listed.workloads.apply((found): string[] => found.map((each) => each.name)),
        verdict: plan.verdict,
        version: chat.version,
        digest: chat.images.apply((images): string | undefined => images["vllm/vllm-openai:v0.11.0"]),
        endpoint: served.endpoint,
        rollout: served.rollout.apply((rollout): string => rollout.status),
        held: served.held.apply((held): string | undefined => held?.reason),
        staged: change.revision,
        seen: seen.status,
    };
}
