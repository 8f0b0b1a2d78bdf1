// SPDX-License-Identifier: Apache-2.0

package main

import (
	"path/filepath"
	"strings"
	"testing"

	"lintel/specs"
)

// exampleDirs lists the workspaces under examples.
func exampleDirs(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../examples/*/lintel.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples found: %v", err)
	}
	dirs := make([]string, len(files))
	for i, f := range files {
		dirs[i] = filepath.Dir(f)
	}
	return dirs
}

// mustCompile loads and compiles a workspace without findings of any kind, and gives its hosts more time.
func mustCompile(t testing.TB, dir string, env func(string) (string, bool)) *plan {
	t.Helper()
	ws, findings := specs.Load(dir, env)
	if ws == nil {
		t.Fatal(findings)
	}
	patient(ws.Config.Backends)
	p, more := compile(ws)
	if findings = append(findings, more...); len(findings) > 0 {
		t.Fatal(findings)
	}
	return p
}

func noEnv(string) (string, bool) { return "", false }

// TestExamples checks every example and runs the exchanges of its tests through its transforms: in
// the code page of the host, and in ASCII.
func TestExamples(t *testing.T) {
	for _, dir := range exampleDirs(t) {
		for _, page := range []string{"", "iso8859-1", "cp037"} {
			t.Run(filepath.Base(dir)+page, func(t *testing.T) {
				p := mustCompile(t, dir, func(name string) (string, bool) { return page, page != "" && name == "CORE_CODEPAGE" })
				ran := playTests(t, p, func(c *specs.TestCase) bool {
					return page == "" || c.Replies == nil || c.Replies.Fields != nil // bytes are in the code page of the host
				})
				if ran == 0 {
					t.Error("the example has no exchanges")
				}
			})
		}
	}
}

// playTests plays the tests of a workspace offline, those that are chosen, and returns how many there were.
func playTests(t *testing.T, p *plan, chosen func(*specs.TestCase) bool) int {
	t.Helper()
	play, err := newPlayer(p)
	if err != nil {
		t.Fatal(err)
	}
	runner, ran := &offline{player: play, reached: newCoverage(p)}, 0
	for _, op := range p.operations {
		for _, file := range p.ws.Tests {
			for _, c := range file.Cases {
				if file.Operation != op.spec.ID || chosen != nil && !chosen(c) {
					continue
				}
				ran++
				r, err := playCase(t.Context(), runner, op, c)
				if err != nil || !r.Passed {
					t.Errorf("%s/%s: %v\n%s", op.spec.ID, c.Name, err, strings.Join(r.Failures, "\n"))
				}
			}
		}
	}
	for _, r := range runner.ask("") {
		ran++
		if !r.Passed {
			t.Errorf("%s/%s:\n%s", r.Operation, r.Name, strings.Join(r.Failures, "\n"))
		}
	}
	return ran
}
