// As many pods as load asks for, on H100s while there are any, else on A100s, and what that costs an hour.
import * as inference from "@pulumi-inference/inference";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();

const health = { path: "/health", initialDelaySeconds: 0 };
const artifact = new inference.Artifact("chat", {
    spec: {
        containerGroups: [{
            containers: [{
                name: "vllm",
                image: config.get("image") ?? "vllm/vllm-openai:v0.11.0",
                // Each kind of hardware says below how many GPUs the model is spread over.
                args: ["--model", config.get("model") ?? "Qwen/Qwen3-32B", "--tensor-parallel-size", "$(GPUS)"],
                env: [{ name: "GPUS", value: "2" }],
                primary: true,
                port: 8000,
                startupProbe: { ...health, periodSeconds: 10, failureThreshold: 120 },
                readinessProbe: { ...health, periodSeconds: 2 },
            }],
        }],
    },
});

const workload = new inference.Workload("chat", {
    artifactId: artifact.versionId,
    runtime: {
        containerGroups: [{
            autoscaling: {
                policies: [
                    // The queue decides; where it says little, so does the share of the KV cache that is in use.
                    { scalingMetric: "gpuRequestQueueDepth", target: 4, minCount: 2, maxCount: 6 },
                    { scalingMetric: "gpuCacheUtilization", target: 80, minCount: 2, maxCount: 6 },
                ],
            },
            resourceBundles: [
                {
                    name: "h100",
                    cpu: 16,
                    memory: "128Gi",
                    gpu: 2,
                    gpuModel: "NVIDIA-H100-80GB-HBM3",
                    env: { GPUS: "2" },
                    pricePerHour: 8.2,
                },
                {
                    name: "a100",
                    cpu: 16,
                    memory: "128Gi",
                    gpu: 4,
                    gpuModel: "NVIDIA-A100-SXM4-80GB",
                    env: { GPUS: "4" },
                    pricePerHour: 14.7,
                },
            ],
        }],
    },
    replacement: { surge: inference.Surge.Fallback, keepOldVersionMinutes: 5 },
});

export const endpoint = workload.endpoint;
export const runsOn = workload.resolvedBundles;
export const hourlyCost = workload.hourlyCost;
