// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"lintel/specs"
)

// findingCase is one case of testdata/check: cases.txt and rooms.txt.
type findingCase struct {
	title string
	edits []findingEdit
	want  []string
}

// findingEdit replaces the first occurrence of a text in a file.
type findingEdit struct{ file, old, new string }

func readCases(t *testing.T) []findingCase {
	t.Helper()
	var cases []findingCase
	for _, file := range []string{"cases.txt", "rooms.txt"} {
		cases = append(cases, readCaseFile(t, file)...)
	}
	return cases
}

func readCaseFile(t *testing.T, file string) []findingCase {
	t.Helper()
	src, err := os.ReadFile("testdata/check/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var cases []findingCase
	for i, line := range strings.Split(string(src), "\n") {
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "case":
			cases = append(cases, findingCase{title: rest})
		case "edit":
			parts := strings.Split(rest, " | ")
			if len(parts) != 3 {
				t.Fatalf("%s:%d: edit needs file | old | new", file, i+1)
			}
			c := &cases[len(cases)-1]
			lines := strings.NewReplacer(`\n`, "\n", `\x20`, " ")
			c.edits = append(c.edits, findingEdit{parts[0], lines.Replace(parts[1]), lines.Replace(parts[2])})
		case "want":
			cases[len(cases)-1].want = append(cases[len(cases)-1].want, rest)
		}
	}
	return cases
}

// baseFiles reads the good workspace.
func baseFiles(t *testing.T) fstest.MapFS {
	t.Helper()
	a, err := txtar.ParseFile("testdata/check/base.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for _, f := range a.Files {
		files[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	return files
}

func checkFS(files fstest.MapFS) specs.Findings {
	ws, findings := specs.LoadFS("base", files, noEnv)
	p, more := compile(ws)
	return append(append(findings, more...), checkTests(p)...).Sort()
}

// TestFindings changes one text of a good workspace at a time and expects the findings, their codes
// and their places.
func TestFindings(t *testing.T) {
	if fs := checkFS(baseFiles(t)); len(fs) > 0 {
		t.Fatalf("the base workspace has findings:\n%v", fs)
	}
	covered := map[string]bool{}
	for _, c := range readCases(t) {
		t.Run(c.title, func(t *testing.T) {
			files := baseFiles(t)
			for _, e := range c.edits {
				f := files[e.file]
				if f == nil || bytes.Count(f.Data, []byte(e.old)) == 0 {
					t.Fatalf("%s does not hold %q", e.file, e.old)
				}
				f.Data = bytes.Replace(f.Data, []byte(e.old), []byte(e.new), 1)
			}
			var got []string
			findings := checkFS(files)
			for _, x := range findings {
				got = append(got, fmt.Sprintf("%s %s", x.Code, x.Pos))
				covered[x.Code] = true
				if x.Message == "" || strings.HasSuffix(x.Message, ".") {
					t.Errorf("message %q is empty or ends in a point", x.Message)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("findings\n%v\nwant\n%s", findings, strings.Join(c.want, "\n"))
			}
		})
	}
	for _, group := range findingGroups() {
		if group.title != "Transforms and expressions" && group.title != "Wiring and tests" {
			continue // these rooms have corpora of their own
		}
		for _, r := range group.rules {
			if !covered[r.Code] {
				t.Errorf("no case triggers %s (%s)", r.Code, r.Title)
			}
		}
	}
}
