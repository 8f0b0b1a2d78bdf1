// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"lintel/specs"
)

// example is a finding as check prints it.
type example struct {
	// text is empty for findings without a line to show.
	text  string
	shown bool
}

// examples collects the first finding of every code, one with a line before one without.
type examples map[string]example

func (e examples) add(code, text string, shown bool) {
	if old, known := e[code]; !known || shown && !old.shown {
		e[code] = example{strings.TrimRight(text, "\n"), shown}
	}
}

// addFindings takes findings of a workspace.
func (e examples) addFindings(t *testing.T, files fstest.MapFS, list specs.Findings) {
	t.Helper()
	for _, f := range list {
		var b bytes.Buffer
		if err := printFindings(&b, &specs.Workspace{FS: files}, specs.Findings{f}); err != nil {
			t.Fatal(err)
		}
		e.add(f.Code, b.String(), strings.Contains(b.String(), " | "))
	}
}

func parseArchive(t *testing.T, file string) *txtar.Archive {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func archives(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.FromSlash(pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(files), err)
	}
	return files
}

// addWorkspaces takes the bad workspaces of specs.
func (e examples) addWorkspaces(t *testing.T) {
	base := parseArchive(t, "../../specs/testdata/base.txtar")
	for _, file := range archives(t, "../../specs/testdata/bad/*.txtar") {
		files, env := fstest.MapFS{}, map[string]string{}
		a := parseArchive(t, file)
		for line := range strings.Lines(string(a.Comment)) {
			if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "env "); ok {
				name, value, _ := strings.Cut(rest, "=")
				env[name] = value
			}
		}
		generated := false
		for _, f := range slices.Concat(base.Files, a.Files) {
			text := strings.TrimSpace(string(f.Data))
			generated = generated || strings.HasPrefix(text, "(generated: ")
			if text == "(absent)" {
				delete(files, f.Name)
				continue
			}
			files[f.Name] = &fstest.MapFile{Data: f.Data}
		}
		if generated {
			e.addText(a, "want")
			continue
		}
		_, found := specs.LoadFS("case", files, func(name string) (string, bool) { v, ok := env[name]; return v, ok })
		e.addFindings(t, files, found)
	}
}

// addText takes findings from the golden part of a case whose files are not written out.
func (e examples) addText(a *txtar.Archive, part string) {
	for _, f := range a.Files {
		if f.Name != part {
			continue
		}
		for line := range strings.Lines(string(f.Data)) {
			if _, rest, ok := strings.Cut(line, "LNT"); ok && len(rest) > 4 && line[0] != ' ' {
				e.add("LNT"+rest[:4], line, false)
			}
		}
	}
}

// addCopybooks takes the bad copybooks, whose golden parts show code, place, line and caret.
func (e examples) addCopybooks(t *testing.T) {
	for _, file := range archives(t, "../../transforms/copybook/testdata/bad/*.txtar") {
		for _, f := range parseArchive(t, file).Files {
			if f.Name != "findings" {
				continue
			}
			code, text := "", ""
			for line := range strings.Lines(string(f.Data) + "LNT") {
				if !strings.HasPrefix(line, "LNT") {
					text += "    " + line
					continue
				}
				if code != "" {
					e.add(code, text, strings.Contains(text, " | "))
				}
				var severity string
				code, text, _ = strings.Cut(strings.TrimSpace(line), " ")
				severity, text, _ = strings.Cut(text, " ")
				place, message, _ := strings.Cut(text, ": ")
				text = fmt.Sprintf("%s: %s %s: %s\n", place, severity, code, message)
			}
		}
	}
}

// addCases takes the edits of testdata/check/cases.txt.
func (e examples) addCases(t *testing.T) {
	for _, c := range readCases(t) {
		files := baseFiles(t)
		for _, edit := range c.edits {
			if f := files[edit.file]; f != nil {
				f.Data = bytes.Replace(f.Data, []byte(edit.old), []byte(edit.new), 1)
			}
		}
		e.addFindings(t, files, checkFS(files))
	}
}

// guards are the codes that no file of a workspace can trigger, with the reason. Explain has no
// example of them.
func guards() map[string]string {
	return map[string]string{
		"LNT2105": "the file system fails while a book is read: transforms/copybook/parse_test.go",
		"LNT3010": "copybooks with such counters are refused before (LNT2408 to LNT2411)",
		"LNT3501": "the contract is refused before (LNT1612)",
		"LNT3506": "values of the contract are read from YAML or JSON, which makes them JSON",
		"LNT3507": "transforms find it before (LNT4005)",
	}
}

// TestReferenceExplain proves that every code has an explanation and a bad workspace, copybook or
// edit in the corpora of the rooms that triggers it, and keeps the example that explain prints the
// same as what check really says.
func TestReferenceExplain(t *testing.T) {
	found := examples{}
	found.addWorkspaces(t)
	found.addCopybooks(t)
	found.addCases(t)
	var b bytes.Buffer
	rules := findingRules()
	for _, code := range slices.Sorted(maps.Keys(rules)) {
		r := rules[code]
		if r.Title == "" || r.Cause == "" || r.Cure == "" {
			t.Errorf("%s is not explained", code)
		}
		ex, triggered := found[code]
		if guards()[code] != "" {
			if triggered {
				t.Errorf("%s is triggered: it is no mere guard", code)
			}
			continue
		}
		if !triggered {
			t.Errorf("nothing bad triggers %s (%s)", code, r.Title)
			continue
		}
		fmt.Fprintf(&b, "-- %s --\n%s\n", code, ex.text)
	}
	for code := range found {
		if _, known := rules[code]; !known {
			t.Errorf("%s is reported and not explained", code)
		}
	}
	golden(t, "explain_examples.txt", b.Bytes())
}

func TestExplain(t *testing.T) {
	for _, tt := range []struct{ word, code, err string }{
		{"LNT1101", "LNT1101", ""},
		{"lnt1101", "LNT1101", ""},
		{"1101", "LNT1101", ""},
		{"LNT11O1", "", "did you mean LNT1101"},
		{"XYZ", "", "lists all codes"},
		{"", "", "lists all codes"},
		{strings.Repeat("9", 500), "", "lists all codes"},
	} {
		e, err := explain(tt.word)
		switch {
		case tt.err == "" && (err != nil || e.Code != tt.code || e.Example == "" || e.Cause == "" || e.Cure == ""):
			t.Errorf("%q: %+v, %v", tt.word, e, err)
		case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)):
			t.Errorf("%q: %v, want %q", tt.word, err, tt.err)
		}
	}
	for code, text := range examplesByCode() {
		if !strings.Contains(text, code) {
			t.Errorf("the example of %s does not show it:\n%s", code, text)
		}
	}
}
