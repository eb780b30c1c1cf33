package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// recorded answers as the plugin would, and remembers what was asked.
type recorded struct {
	lock    sync.Mutex
	answers map[string]map[string]any
	asked   map[string]map[string]any
}

func (mocks *recorded) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	mocks.lock.Lock()
	defer mocks.lock.Unlock()
	sent, err := plugin.MarshalProperties(args.Inputs, plugin.MarshalOptions{KeepSecrets: true})
	if err != nil {
		return "", nil, err
	}
	mocks.asked[args.TypeToken+" "+args.Name] = sent.AsMap()
	state := args.Inputs.Copy()
	for key, value := range resource.NewPropertyMapFromMap(mocks.answers[args.TypeToken]) {
		state[key] = value
	}
	if args.ID != "" {
		return args.ID, state, nil
	}
	return "models/" + args.Name, state, nil
}

func (mocks *recorded) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	mocks.lock.Lock()
	defer mocks.lock.Unlock()
	sent, err := plugin.MarshalProperties(args.Args, plugin.MarshalOptions{KeepSecrets: true})
	if err != nil {
		return nil, err
	}
	mocks.asked[args.Token] = sent.AsMap()
	return resource.NewPropertyMapFromMap(mocks.answers[args.Token]), nil
}

// What does the program ask for? It runs under Pulumi's mocks and prints each resource with its inputs as JSON.
func main() {
	mocks := &recorded{asked: map[string]map[string]any{}}
	if err := run(mocks); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(mocks *recorded) error {
	if err := json.NewDecoder(os.Stdin).Decode(&mocks.answers); err != nil {
		return err
	}
	if err := pulumi.RunErr(declare, pulumi.WithMocks("consumer", "test", mocks)); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(mocks.asked)
}
