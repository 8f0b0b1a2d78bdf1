// SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the test binary be the lintel command, for stories and for tests that need it as a process, and
// a server of benchmarks.
func TestMain(m *testing.M) {
	command := func() { os.Exit(process(crashPoint())) }
	if os.Getenv(asCommand) != "" {
		command()
	}
	if kind := os.Getenv(asServer); kind != "" {
		serveBenchmark(kind)
		return
	}
	if os.Getenv("LINTEL_RANDOM") == "" {
		_ = flag.Set("rapid.seed", "1") // random tests begin at the same place; make fuzz lets them begin anywhere
	}
	testscript.Main(m, map[string]func(){"lintel": command})
}

// TestScript runs the stories of testdata/script.
func TestScript(t *testing.T) {
	examples, err := filepath.Abs("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                storyCommands(),
		Setup: func(e *testscript.Env) error {
			e.Setenv("EXAMPLES", examples)
			e.Values[backgroundsKey{}] = map[string]*background{}
			return nil
		},
	})
}
