// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the expected findings of testdata")

const wantFile = "want"

// base is a workspace without findings; the cases change files of it.
func base(t testing.TB) fstest.MapFS {
	t.Helper()
	ar, err := txtar.ParseFile(filepath.Join("testdata", "base.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{}
	for _, f := range ar.Files {
		fsys[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	return fsys
}

// generated makes the content of files that nobody would want to see written out.
func generated(t testing.TB, what string) []byte {
	t.Helper()
	switch what {
	case "large":
		return bytes.Repeat([]byte("# a line of a file that is far too large\n"), MaxFileSize/40)
	case "latin1":
		return []byte("ACCT-NAME: {json: stra\xdfe}\n")
	case "deep":
		return []byte("A: {json: " + strings.Repeat("[", 70) + strings.Repeat("]", 70) + "}\n")
	case "very deep":
		return []byte("A: " + strings.Repeat("[", 5000))
	case "separator":
		return []byte("A: {json: 'a\u2028b'}\n")
	case "bomb":
		var b strings.Builder
		b.WriteString("a: &a [x, x, x, x, x, x, x, x, x, x]\n")
		for c := 'b'; c <= 'i'; c++ {
			fmt.Fprintf(&b, "%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c, ", c-1), 10), ", "))
		}
		return []byte(b.String())
	case "long pattern":
		return []byte("openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {}\ncomponents: {schemas: {A: {pattern: " + strings.Repeat("a", maxPattern+1) + "}}}\n")
	case "many schemas":
		var b strings.Builder
		b.WriteString("openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n")
		for i := range maxSchemas + 1 {
			fmt.Fprintf(&b, "    S%d: {type: string}\n", i)
		}
		return []byte(b.String())
	case "readable":
		return []byte("hush")
	default:
		t.Fatalf("nothing is generated for %q", what)
		return nil
	}
}

// overlay puts the files of a case over the base. A file whose content is "(absent)" is taken away.
func overlay(t testing.TB, fsys fstest.MapFS, ar *txtar.Archive) {
	t.Helper()
	for _, f := range ar.Files {
		text := strings.TrimSpace(string(f.Data))
		what, isGenerated := strings.CutPrefix(text, "(generated: ")
		switch {
		case f.Name == wantFile:
		case text == "(absent)":
			delete(fsys, f.Name)
		case what == "readable)": // by everybody on the machine
			fsys[f.Name] = &fstest.MapFile{Data: []byte("hush"), Mode: 0o644}
		case isGenerated:
			fsys[f.Name] = &fstest.MapFile{Data: generated(t, strings.TrimSuffix(what, ")"))}
		default:
			fsys[f.Name] = &fstest.MapFile{Data: f.Data}
		}
	}
}

// environment reads the lines "env NAME=value" of a case's comment.
func environment(comment []byte) func(string) (string, bool) {
	env := map[string]string{}
	for line := range strings.Lines(string(comment)) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "env "); ok {
			name, value, _ := strings.Cut(rest, "=")
			env[name] = value
		}
	}
	return func(name string) (string, bool) {
		v, ok := env[name]
		return v, ok
	}
}

func printFindings(fs Findings) string {
	var b strings.Builder
	for _, f := range fs {
		fmt.Fprintln(&b, f)
		if f.Path != "" {
			fmt.Fprintf(&b, "    at %s\n", f.Path)
		}
		if f.Hint != "" {
			fmt.Fprintf(&b, "    try: %s\n", f.Hint)
		}
	}
	return b.String()
}

func TestBaseHasNoFindings(t *testing.T) {
	ws, fs := LoadFS("base", base(t), environment(nil))
	if len(fs) > 0 {
		t.Fatalf("findings:\n%s", printFindings(fs))
	}
	if len(ws.Transforms) != 2 || len(ws.Tests) != 1 || len(ws.Contract.Operations) != 2 || len(ws.Records.Fields) == 0 {
		t.Errorf("the base workspace is not what the cases expect")
	}
}

// TestGolden loads every workspace of testdata and compares all of its findings, with place, path
// and hint. It also makes sure that every code of the package is met.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "bad", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 40 {
		t.Errorf("there are only %d cases", len(files))
	}
	met := map[string]bool{}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			maps.Copy(met, golden(t, file))
		})
	}
	for _, r := range Rules() {
		if !met[r.Code] {
			t.Errorf("no case triggers %s (%s)", r.Code, r.Title)
		}
		delete(met, r.Code)
	}
	if len(met) > 0 {
		t.Errorf("codes that are not in the list of rules: %v", met)
	}
}

// TestGood loads workspaces that must have no findings.
func TestGood(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "good", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			fsys := base(t)
			overlay(t, fsys, ar)
			if _, fs := LoadFS("case", fsys, environment(ar.Comment)); len(fs) > 0 {
				t.Errorf("findings:\n%s", printFindings(fs))
			}
		})
	}
}

func golden(t *testing.T, file string) map[string]bool {
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	fsys := base(t)
	overlay(t, fsys, ar)
	_, fs := LoadFS("case", fsys, environment(ar.Comment))
	got := printFindings(fs)
	if got == "" {
		t.Error("no findings")
	}
	met := map[string]bool{}
	for _, f := range fs {
		met[f.Code] = true
		if f.Message == "" || f.File == "" {
			t.Errorf("incomplete finding: %+v", f)
		}
		if strings.Contains(got, "s3cret") {
			t.Error("a finding shows a value that came from a reference")
		}
	}
	want, there := "", false
	for i, f := range ar.Files {
		if f.Name != wantFile {
			continue
		}
		want, there = string(f.Data), true
		ar.Files[i].Data = []byte(got)
	}
	if *update {
		if !there {
			ar.Files = append(ar.Files, txtar.File{Name: wantFile, Data: []byte(got)})
		}
		if err := os.WriteFile(file, txtar.Format(ar), 0o600); err != nil {
			t.Fatal(err)
		}
		return met
	}
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("findings differ (-want +got):\n%s", diff)
	}
	return met
}

func TestRules(t *testing.T) {
	seen := map[string]bool{}
	last := ""
	for _, r := range Rules() {
		if seen[r.Code] || r.Code <= last {
			t.Errorf("%s is listed twice or out of order", r.Code)
		}
		seen[r.Code], last = true, r.Code
		if r.Title == "" || r.Cause == "" || r.Cure == "" {
			t.Errorf("%s is not described in full", r.Code)
		}
	}
}
