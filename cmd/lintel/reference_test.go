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
	"lintel/transforms/funcs"
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
		"This page is generated from the code: `make gen`.\n\n" + functionsIntro)
	group := ""
	for _, f := range funcs.All(funcs.Sample()) {
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

// TestReferenceProperties keeps docs/reference/properties.md the same as the code.
func TestReferenceProperties(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("# Message properties\n\nThe values that a wire carries beside the bytes of a message, by wire. " +
		"How a transform sets and reads them: [transforms](transforms.md#properties). This page is generated from the code: `make gen`.\n")
	for _, wire := range specs.WireWords() {
		properties := specs.WireProperties(wire)
		if len(properties) == 0 {
			fmt.Fprintf(&b, "\n## %s\n\nThis wire carries no properties.\n", wire)
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\n| property | type | request sets it | reply has it | |\n|---|---|---|---|---|\n", wire)
		for _, p := range properties {
			name, has, doc := p.Name, "no", p.Doc
			if p.Open() {
				name += "NAME"
			}
			if p.Reply {
				has = "it may"
			}
			if p.Always {
				has = "always"
			}
			if p.Words != nil {
				doc += " One of " + strings.Join(p.Words, ", ") + "."
			}
			if p.Except != nil {
				doc += " Not to be set: " + strings.Join(p.Except, ", ") + "."
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", name, p.Type, map[bool]string{true: "yes", false: "no"}[p.Request], has, cell(doc))
		}
	}
	golden(t, "../../docs/reference/properties.md", b.Bytes())
}

// functionsIntro is what is true of all functions.
const functionsIntro = "A parameter takes what its name says, or the kind behind the colon; a question mark makes it optional, with all behind it. " +
	"A function fails when an argument is absent: `=trim(query.name ?? \"\")` gives it a default. " +
	"Arguments of the wrong type are findings, and so are those written out that can never be right: " +
	"a date picture, a rounding, a table, a column, a key. " +
	"A result has at most 64 KiB, or the length of the longest text it is made from. There is no function that tells the time: it comes in as `exchange.time`.\n\n" +
	"The examples of tables use [this one](tables.md):\n\n    code,number,digits,name\n    EUR,978,2,Euro\n    JPY,392,0,Yen\n    USD,840,2,US Dollar\n"

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
