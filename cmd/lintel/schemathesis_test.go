// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// TestSchemathesis lets an OpenAPI fuzzer that nobody here wrote loose on the bank, with all of its
// checks: what the published contract says of requests and answers must hold for whatever it sends.
// LINTEL_FUZZER_SEED is where it begins; make fuzz takes another each time.
func TestSchemathesis(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a fuzzer for half a minute")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	exe := filepath.Join(root, ".build", "schemathesis", "bin", "schemathesis")
	if _, err := os.Stat(exe); err != nil {
		if os.Getenv("LINTEL_REQUIRE_PEERS") == "1" {
			t.Fatal("schemathesis is missing: run scripts/peers.sh schemathesis")
		}
		t.Skip("schemathesis is missing: run scripts/peers.sh schemathesis")
	}
	seed := os.Getenv("LINTEL_FUZZER_SEED")
	if seed == "" {
		seed = "1"
	}
	g := startGateway(t, copyWorkspace(t, "../../examples/bank", nil), nil, "--simulate")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, exe, "run", "http://"+g.api+"/openapi.json", "--checks", "all", "--mode", "all",
		"--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "25", "--max-time", "30", "--suppress-health-check", "too_slow", "--request-timeout", "60",
		"--seed", seed, "--no-color")
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "SCHEMATHESIS_HOOKS="+filepath.Join(root, "cmd", "lintel", "testdata", "schemathesis_hooks.py"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("seed %s: %v\n%.20000s", seed, err, out)
	}
	m := regexp.MustCompile(`(\d+) generated`).FindSubmatch(out)
	if m == nil {
		t.Fatalf("it does not say how much it tried:\n%s", out)
	}
	if n, _ := strconv.Atoi(string(m[1])); n < 30 { // the time is limited, and a machine may have little of it
		t.Errorf("only %d cases were tried:\n%s", n, out)
	}
	t.Logf("seed %s: %s cases", seed, m[1])
}
