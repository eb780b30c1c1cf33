// Can somebody write everything that our resources take, and read everything that they tell, in Go?
// Twins in Python and TypeScript lie beside this; a test holds all three to the same inputs.
package main

import (
	"github.com/pulumi-inference/pulumi-inference/sdk/go/inference"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// declare makes every resource, with nested inputs, and words from lists as text and as enumerations.
func declare(ctx *pulumi.Context) error {
	cluster, err := inference.NewProvider(ctx, "cluster", &inference.ProviderArgs{
		Kubeconfig: pulumi.String("/etc/kubeconfig"),
		Context:    pulumi.String("gpu"),
		Namespace:  pulumi.String("models"),
	})
	if err != nil {
		return err
	}
	here := pulumi.Provider(cluster)
	chat, err := artifact(ctx, here)
	if err != nil {
		return err
	}
	served, err := workload(ctx, chat, here)
	if err != nil {
		return err
	}
	change, err := replacement(ctx, chat, served, here)
	if err != nil {
		return err
	}
	if err := ruled(ctx, here); err != nil {
		return err
	}
	if err := inline(ctx, here); err != nil {
		return err
	}
	_, err = inference.NewWorkload(ctx, "old", &inference.WorkloadArgs{
		ArtifactId: pulumi.String("models/old@0123456789ab"),
		Running:    pulumi.Bool(false),
	}, here, pulumi.Import(pulumi.ID("models/old")), pulumi.Protect(true), pulumi.IgnoreChanges([]string{"tags"}))
	if err != nil {
		return err
	}
	seen, err := inference.GetWorkload(ctx, "seen", pulumi.ID("models/seen"), nil, here)
	if err != nil {
		return err
	}
	question(ctx, chat, here)
	ctx.Export("version", chat.Version)
	ctx.Export("digest", chat.Images.MapIndex(pulumi.String("vllm/vllm-openai:v0.11.0")))
	ctx.Export("endpoint", served.Endpoint)
	ctx.Export("rollout", served.Rollout.Status())
	ctx.Export("held", served.Held.Reason())
	ctx.Export("staged", change.Revision)
	ctx.Export("seen", seen.Status)
	return nil
}

func artifact(ctx *pulumi.Context, here pulumi.ResourceOption) (*inference.Artifact, error) {
	server := inference.ContainerArgs{
		Name:  pulumi.String("vllm"),
		Image: pulumi.String("vllm/vllm-openai:v0.11.0"),
		Args:  pulumi.ToStringArray([]string{"--model", "Qwen/Qwen3-32B"}),
		Env: inference.EnvVarArray{
			inference.EnvVarArgs{Name: pulumi.String("LEVEL"), Value: pulumi.String("info")},
			inference.EnvVarArgs{
				Name:      pulumi.String("TOKEN"),
				SecretRef: inference.SecretRefArgs{Name: pulumi.String("hub"), Key: pulumi.String("token")},
			},
		},
		Primary: pulumi.Bool(true),
		Port:    pulumi.Int(8000),
		StartupProbe: inference.ProbeArgs{
			Path:          pulumi.String("/health"),
			Scheme:        inference.ProbeSchemeHTTPS,
			PeriodSeconds: pulumi.Int(5),
		},
		ReadinessProbe: inference.ProbeArgs{
			Path:        pulumi.String("/health"),
			Scheme:      pulumi.String("HTTP"),
			HttpHeaders: pulumi.StringMap{"X-Probe": pulumi.String("yes")},
		},
		SecurityContext: inference.SecurityContextArgs{
			Capabilities:   inference.CapabilitiesArgs{Drop: pulumi.ToStringArray([]string{"ALL"})},
			SeccompProfile: inference.SeccompProfileArgs{Type: inference.SeccompProfileTypeRuntimeDefault},
		},
	}
	return inference.NewArtifact(ctx, "chat", &inference.ArtifactArgs{
		Type:      inference.ArtifactTypeService,
		Status:    pulumi.String("locked"),
		PinImages: inference.PinImagesAlways,
		Spec: inference.ArtifactSpecArgs{ContainerGroups: inference.ContainerGroupArray{
			inference.ContainerGroupArgs{
				Name:       pulumi.String("server"),
				Containers: inference.ContainerArray{server},
			},
			inference.ContainerGroupArgs{
				Name: pulumi.String("worker"),
				Containers: inference.ContainerArray{inference.ContainerArgs{
					Name:  pulumi.String("tokenizer"),
					Image: pulumi.String("models.example.com/tokenizer:1"),
				}},
			},
		}},
		SecretEnv:      pulumi.StringMap{"API_KEY": pulumi.ToSecret(pulumi.String("hidden")).(pulumi.StringOutput)},
		RetainVersions: pulumi.Int(5),
		Timeouts:       inference.TimeoutsArgs{Delete: pulumi.String("5m")},
	}, here)
}

func workload(
	ctx *pulumi.Context, chat *inference.Artifact, here pulumi.ResourceOption,
) (*inference.Workload, error) {
	h100 := inference.ResourceBundleArgs{
		Name:     pulumi.String("h100"),
		Cpu:      pulumi.Float64(16),
		Memory:   pulumi.String("128Gi"),
		Gpu:      pulumi.Float64(2),
		GpuModel: pulumi.String("NVIDIA-H100-80GB-HBM3"),
		Tolerations: inference.TolerationArray{inference.TolerationArgs{
			Key:      pulumi.String("gpu"),
			Operator: inference.TolerationOperatorExists,
			Effect:   inference.TaintEffectNoSchedule,
		}},
		PricePerHour: pulumi.Float64(9.5),
	}
	queue := inference.AutoscalingPolicyArgs{
		ScalingMetric: pulumi.String("gpuRequestQueueDepth"),
		Target:        pulumi.Float64(4),
		MinCount:      pulumi.Int(1),
		MaxCount:      pulumi.Int(6),
	}
	return inference.NewWorkload(ctx, "chat", &inference.WorkloadArgs{
		ArtifactId:  chat.VersionId,
		Importance:  inference.ImportanceHigh,
		Environment: pulumi.String("staging"),
		Tags:        pulumi.StringMap{"team": pulumi.String("search")},
		Runtime: inference.RuntimeArgs{ContainerGroups: inference.GroupRuntimeArray{
			inference.GroupRuntimeArgs{
				Name:            pulumi.String("server"),
				ReplicaCount:    pulumi.Int(2),
				ResourceBundles: inference.ResourceBundleArray{h100},
			},
			inference.GroupRuntimeArgs{
				Name:        pulumi.String("worker"),
				Autoscaling: inference.AutoscalingArgs{Policies: inference.AutoscalingPolicyArray{queue}},
			},
		}},
		Service: inference.ServiceSettingsArgs{
			Type:        inference.ServiceTypeLoadBalancer,
			Port:        pulumi.Int(8080),
			Annotations: pulumi.StringMap{"example.com/zone": pulumi.String("a")},
		},
		Replacement: inference.ReplacementSettingsArgs{
			Driver:       pulumi.String("external"),
			Surge:        inference.SurgeFallback,
			OnFailure:    pulumi.String("keep"),
			DrainSeconds: pulumi.Float64(15),
			Warmup: inference.WarmupArgs{
				Path:          pulumi.String("/v1/models"),
				Requests:      pulumi.Int(10),
				MaxP95Seconds: pulumi.Float64(2.5),
			},
		},
		Timeouts: inference.TimeoutsArgs{Create: pulumi.String("1h"), Update: pulumi.Float64(5400)},
	}, here)
}

func replacement(
	ctx *pulumi.Context, chat *inference.Artifact, served *inference.Workload, here pulumi.ResourceOption,
) (*inference.Replacement, error) {
	return inference.NewReplacement(ctx, "chat", &inference.ReplacementArgs{
		WorkloadId:            served.ID(),
		CandidateArtifactId:   chat.VersionId,
		Promotion:             inference.PromotionManual,
		TrafficSwitch:         pulumi.String("atomic"),
		KeepOldVersionMinutes: pulumi.Float64(2.5),
		Runtime: inference.RuntimeArgs{ContainerGroups: inference.GroupRuntimeArray{inference.GroupRuntimeArgs{
			Name:       pulumi.String("server"),
			Containers: inference.ContainerOverrideArray{inference.ContainerOverrideArgs{Name: pulumi.String("vllm")}},
		}}},
	}, here, pulumi.DependsOn([]pulumi.Resource{served}))
}

func ruled(ctx *pulumi.Context, here pulumi.ResourceOption) error {
	if _, err := inference.NewPolicy(ctx, "places", &inference.PolicyArgs{
		Type: inference.PolicyTypeLocation,
		Locations: inference.PolicyLocationArray{inference.PolicyLocationArgs{
			Type: inference.PolicyLocationTypeContinent,
			Name: pulumi.String("eu"),
		}},
		Labels:  pulumi.StringMap{"team.name": pulumi.String("a")},
		Sandbox: pulumi.Bool(true),
	}, here); err != nil {
		return err
	}
	if _, err := inference.NewPolicy(ctx, "hardware", &inference.PolicyArgs{
		Type: pulumi.String("flavor"),
		Flavors: inference.PolicyFlavorArray{inference.PolicyFlavorArgs{
			Type: pulumi.String("gpu"),
			Name: pulumi.String("h100"),
		}},
		ResourceTypes: pulumi.StringArray{inference.PolicyResourceTypeModel},
		ForceDelete:   pulumi.Bool(true),
	}, here); err != nil {
		return err
	}
	_, err := inference.NewWorkload(ctx, "ruled", &inference.WorkloadArgs{
		ArtifactId: pulumi.String("models/old@0123456789ab"),
		Policies: inference.PolicyRefArray{inference.PolicyRefArgs{
			RefType: inference.PolicyRefTypeRemotePolicy,
			Id:      pulumi.String("rules/places"),
		}},
	}, here)
	return err
}

func inline(ctx *pulumi.Context, here pulumi.ResourceOption) error {
	_, err := inference.NewWorkload(ctx, "embed", &inference.WorkloadArgs{
		Artifact: inference.InlineArtifactArgs{
			Type: pulumi.String("nim"),
			Spec: inference.ArtifactSpecArgs{
				ContainerGroups: inference.ContainerGroupArray{inference.ContainerGroupArgs{
					Containers: inference.ContainerArray{inference.ContainerArgs{
						Name:    pulumi.String("nim"),
						Image:   pulumi.String("nvcr.io/nim/e5:1"),
						Primary: pulumi.Bool(true),
						Port:    pulumi.Int(8000),
					}},
				}},
				Storage: inference.StorageArgs{Mode: inference.StorageModeDedicatedPvc, PvcSize: pulumi.String("50Gi")},
			},
		},
	}, here)
	return err
}

func question(ctx *pulumi.Context, chat *inference.Artifact, here pulumi.ResourceOrInvokeOption) {
	capacity := inference.GetCapacityOutput(ctx, inference.GetCapacityOutputArgs{
		GpuModel:   pulumi.String("NVIDIA-H100-80GB-HBM3"),
		Pods:       pulumi.Int(2),
		GpusPerPod: pulumi.Int(4),
	}, here)
	listed := inference.ListWorkloadsOutput(ctx, inference.ListWorkloadsOutputArgs{
		Search: pulumi.String("cha"),
		Status: pulumi.ToStringArray([]string{"running"}),
		Limit:  pulumi.Int(10),
	}, here)
	plan := inference.PlanReplacementOutput(ctx, inference.PlanReplacementOutputArgs{
		Name:       pulumi.String("chat"),
		ArtifactId: chat.VersionId,
		Replicas:   pulumi.IntMap{"server": pulumi.Int(3)},
		Changes:    pulumi.Map{"environment": pulumi.String("test")},
	}, here)
	ctx.Export("free", capacity.Free())
	ctx.Export("names", listed.Workloads().ApplyT(func(found []inference.WorkloadInfo) []string {
		names := make([]string, 0, len(found))
		for _, each := range found {
			names = append(names, each.Name)
		}
		return names
	}))
	ctx.Export("verdict", plan.Verdict())
}
