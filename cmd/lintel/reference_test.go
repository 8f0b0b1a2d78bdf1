// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/copybook"
	"lintel/transforms/funcs"
	"lintel/transforms/record"
)

var update = flag.Bool("update", false, "write generated pages and golden files again")

// TestReferenceFindings keeps docs/reference/findings.md the same as the code.
func TestReferenceFindings(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("# Findings\n\nEvery code that `lintel check` can report, with its cause and its cure. " +
		"This page is generated from the code: `make gen`.\n")
	seen := map[string]bool{}
	for _, group := range findingGroups() {
		fmt.Fprintf(&b, "\n## %s\n\n| code | what | cause | cure |\n|---|---|---|---|\n", group.title)
		for _, r := range group.rules {
			if seen[r.Code] {
				t.Errorf("code %s is described twice", r.Code)
			}
			seen[r.Code] = true
			if !regexp.MustCompile(`^LNT\d{4}$`).MatchString(r.Code) || r.Title == "" || r.Cause == "" || r.Cure == "" {
				t.Errorf("code %q is not described completely", r.Code)
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", r.Code, cell(r.Title), cell(r.Cause), cell(r.Cure))
		}
	}
	golden(t, "../../docs/reference/findings.md", b.Bytes())
}

// TestReferenceFunctions keeps docs/reference/functions.md the same as the code.
func TestReferenceFunctions(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("# Functions\n\nThe functions that expressions may call, with examples that run as tests. " +
		"This page is generated from the code: `make gen`.\n")
	group := ""
	for _, f := range funcs.All() {
		if f.Group != group {
			group = f.Group
			fmt.Fprintf(&b, "\n## %s\n", group)
		}
		fmt.Fprintf(&b, "\n### `%s`\n\n%s\n\n", f.Signature, f.Doc)
		for _, ex := range f.Examples {
			if ex.Error != "" {
				fmt.Fprintf(&b, "    %s    fails: %s\n", ex.Expression, ex.Error)
				continue
			}
			fmt.Fprintf(&b, "    %s    gives %s\n", ex.Expression, ex.Result)
		}
	}
	golden(t, "../../docs/reference/functions.md", b.Bytes())
}

func cell(s string) string { return strings.ReplaceAll(strings.ReplaceAll(s, "|", "\\|"), "\n", " ") }

// golden compares a generated page with the one in the tree, or writes it with -update.
func golden(t *testing.T, file string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n")), want) {
		t.Errorf("%s is not what the code says: run make gen", file)
	}
}

// findingGroup is the rules of one room.
type findingGroup struct {
	title string
	rules []specs.Rule
}

func findingGroups() []findingGroup {
	return []findingGroup{
		{"Workspace and contract", specs.Rules()},
		{"Copybooks", copybook.Rules()},
		{"Records", record.Rules()},
		{"Transforms and expressions", transforms.Rules()},
		{"Wiring and tests", rules()},
	}
}
