// Sdkgen writes the SDKs of a Pulumi package: `sdkgen schema.json <folder>` makes python, nodejs and go inside it.
//
// These are the generators behind `pulumi package gen-sdk`; they are called here because that command wants a
// language host for each language.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

const tool = "tools/sdkgen"

type generator func(*schema.Package) (map[string][]byte, error)

var generators = map[string]generator{
	"python": func(read *schema.Package) (map[string][]byte, error) {
		return python.GeneratePackage(tool, read, nil, nil)
	},
	"nodejs": func(read *schema.Package) (map[string][]byte, error) {
		return nodejs.GeneratePackage(tool, read, nil, nil, false, nil)
	},
	"go": func(read *schema.Package) (map[string][]byte, error) {
		return gogen.GeneratePackage(tool, read, nil)
	},
}

func main() {
	if len(os.Args) != 3 {
		stop(fmt.Errorf("usage: sdkgen schema.json folder"))
	}
	for language, generate := range generators {
		if err := write(language, generate, os.Args[1], os.Args[2]); err != nil {
			stop(fmt.Errorf("%s: %w", language, err))
		}
	}
}

// Each language reads the schema anew: a generator leaves its own notes in what it was given.
func write(language string, generate generator, document, folder string) error {
	text, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal(text, &spec); err != nil {
		return err
	}
	read, err := schema.ImportSpec(spec, nil, schema.NewNullLoader(), schema.ValidationOptions{})
	if err != nil {
		return err
	}
	files, err := generate(read)
	if err != nil {
		return err
	}
	for name, content := range files {
		path := filepath.Join(folder, language, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func stop(err error) {
	fmt.Fprintln(os.Stderr, "sdkgen:", err)
	os.Exit(1)
}
