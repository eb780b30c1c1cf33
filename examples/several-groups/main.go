// A router, prefill and decode workers: three groups of pods, one version, replaced as one.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"github.com/pulumi-inference/pulumi-inference/sdk/go/inference"
)

const h100 = "NVIDIA-H100-80GB-HBM3"

// worker is a group without the primary container: it gets no requests of the Workload's, only those of the router.
func worker(role, image, model string) inference.ContainerGroupArgs {
	return inference.ContainerGroupArgs{
		Name: pulumi.String(role),
		Containers: inference.ContainerArray{inference.ContainerArgs{
			Name:  pulumi.String("engine"),
			Image: pulumi.String(image),
			Args:  pulumi.ToStringArray([]string{"--model", model, "--role", role}),
			StartupProbe: inference.ProbeArgs{
				Path:                pulumi.String("/health"),
				InitialDelaySeconds: pulumi.Int(0),
				PeriodSeconds:       pulumi.Int(10),
				FailureThreshold:    pulumi.Int(120),
			},
		}},
	}
}

// pods says how many pods a group of workers has, and how many GPUs each of them.
func pods(role string, count int, gpus float64) inference.GroupRuntimeArgs {
	return inference.GroupRuntimeArgs{
		Name:         pulumi.String(role),
		ReplicaCount: pulumi.Int(count),
		Containers: inference.ContainerOverrideArray{inference.ContainerOverrideArgs{
			Name: pulumi.String("engine"),
			ResourceAllocation: inference.ResourceAllocationArgs{
				Cpu:      pulumi.Float64(16),
				Memory:   pulumi.String("128Gi"),
				Gpu:      pulumi.Float64(gpus),
				GpuModel: pulumi.String(h100),
			},
		}},
	}
}

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		settings := config.New(ctx, "")
		engine, model := settings.Get("engine"), settings.Get("model")
		if engine == "" {
			engine = "example/engine:1.4.0"
		}
		if model == "" {
			model = "Qwen/Qwen3-235B-A22B"
		}
		router := inference.ContainerGroupArgs{
			Name: pulumi.String("router"),
			Containers: inference.ContainerArray{inference.ContainerArgs{
				Name:           pulumi.String("router"),
				Image:          pulumi.String("example/router:1.4.0"),
				Primary:        pulumi.Bool(true),
				Port:           pulumi.Int(8000),
				ReadinessProbe: inference.ProbeArgs{Path: pulumi.String("/ready"), PeriodSeconds: pulumi.Int(2)},
			}},
		}
		artifact, err := inference.NewArtifact(ctx, "chat", &inference.ArtifactArgs{
			Spec: inference.ArtifactSpecArgs{ContainerGroups: inference.ContainerGroupArray{
				router, worker("prefill", engine, model), worker("decode", engine, model),
			}},
		})
		if err != nil {
			return err
		}
		workload, err := inference.NewWorkload(ctx, "chat", &inference.WorkloadArgs{
			ArtifactId: artifact.VersionId,
			Runtime: inference.RuntimeArgs{ContainerGroups: inference.GroupRuntimeArray{
				inference.GroupRuntimeArgs{Name: pulumi.String("router"), ReplicaCount: pulumi.Int(2)},
				pods("prefill", 1, 4),
				pods("decode", 2, 2),
			}},
			// Twice all groups is much: with no room for both versions the update is refused before anything moves.
			Replacement: inference.ReplacementSettingsArgs{Surge: inference.SurgeRequire},
		})
		if err != nil {
			return err
		}
		ctx.Export("endpoint", workload.Endpoint)
		ctx.Export("images", workload.Images)
		return nil
	})
}
