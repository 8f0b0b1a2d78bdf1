// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestREADME keeps the README honest: it shows the commands that other tests run, and the finding
// it shows is the one that its mistake gives.
func TestREADME(t *testing.T) {
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(b)
	for _, want := range []string{"make test", "go run ./cmd/lintel serve --simulate examples/bank", "localhost:8080/accounts/0000004711"} {
		if !strings.Contains(readme, want) {
			t.Errorf("README does not show %q", want)
		}
	}
	ws := copyWorkspace(t, "../../examples/bank", nil)
	file := filepath.Join(ws, "transforms", "getAccount.yaml")
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(src), "=reply.balance", "=reply.blance", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if code := run(t.Context(), []string{"check", ws}, &out, &out); code != exitFindings {
		t.Errorf("exit code %d, want %d", code, exitFindings)
	}
	finding, _, _ := strings.Cut(out.String(), "1 operation")
	for _, line := range strings.Split(strings.TrimRight(finding, "\n"), "\n") {
		if strings.Contains(line, "operations,") {
			continue
		}
		if !strings.Contains(readme, "    "+line+"\n") {
			t.Errorf("README does not show the line\n%s", line)
		}
	}
}
