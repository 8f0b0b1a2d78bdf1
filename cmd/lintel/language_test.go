// SPDX-License-Identifier: Apache-2.0

package main

import (
	"path/filepath"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"lintel/specs"
)

// TestLanguage runs the exchanges of small workspaces, one for each construct of the transform
// language: testdata/language/*.txtar.
func TestLanguage(t *testing.T) {
	for _, name := range globNames(t, "testdata/language/*.txtar") {
		t.Run(name, func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files := fstest.MapFS{}
			for _, f := range a.Files {
				files[f.Name] = &fstest.MapFile{Data: f.Data}
			}
			ws, findings := specs.LoadFS(name, files, noEnv)
			p, more := compile(ws)
			findings = append(append(findings, more...), checkTests(p)...)
			for _, f := range findings {
				if f.Severity != specs.Info {
					t.Fatal(findings)
				}
			}
			if playTests(t, p, nil) == 0 {
				t.Error("no exchange ran")
			}
		})
	}
}

func globNames(t *testing.T, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("nothing matches %s: %v", pattern, err)
	}
	return names
}
