// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const reference = "../../docs/reference/copybooks.md"

// TestReference runs every example of the reference: a cobol block, then what it gives as a layout or findings block.
func TestReference(t *testing.T) {
	raw, err := os.ReadFile(filepath.FromSlash(reference))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(raw), "\n")
	examples := 0
	for i := 0; i < len(lines); i++ {
		info, ok := strings.CutPrefix(lines[i], "```cobol")
		if !ok {
			continue
		}
		book, end := block(lines, i)
		expect := end + 1
		for expect < len(lines) && strings.TrimSpace(lines[expect]) == "" {
			expect++
		}
		kind := strings.TrimPrefix(lines[expect], "```")
		if kind != "layout" && kind != "findings" {
			t.Errorf("line %d: no layout or findings block behind the example", i+1)
			continue
		}
		want, last := block(lines, expect)
		examples++
		t.Run(fmt.Sprintf("line %d", i+1), func(t *testing.T) {
			got := runExample(t, info, kind, book)
			if *update {
				lines = append(append(append([]string{}, lines[:expect+1]...), strings.Split(strings.TrimSuffix(got, "\n"), "\n")...), lines[last:]...)
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
		i = expect
	}
	if examples < 20 {
		t.Errorf("only %d examples", examples)
	}
	if *update {
		if err := os.WriteFile(reference, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// block returns the text of a fenced block and the index of its closing fence.
func block(lines []string, begin int) (string, int) {
	end := begin + 1
	for end < len(lines) && lines[end] != "```" {
		end++
	}
	text := strings.Join(lines[begin+1:end], "\n")
	if text != "" {
		text += "\n"
	}
	return text, end
}

// runExample reads a book with the options of its fence, such as dialect=gnucobol.
func runExample(t *testing.T, info, kind, book string) string {
	t.Helper()
	var o Options
	for _, f := range strings.Fields(info) {
		switch key, value, _ := strings.Cut(f, "="); key {
		case "dialect":
			o.Dialect, _ = Profile(value)
		case "wide":
			o.Dialect.WideBinary = true
		case "format":
			o.Format = map[string]Format{"fixed": Fixed, "free": Free}[value]
		case "comma":
			o.DecimalComma = true
		case "sequential":
			o.Sequential = true
		case "replacing":
			from, to, _ := strings.Cut(value, "/")
			o.Replacing = append(o.Replacing, Replacement{From: from, To: to})
		default:
			t.Fatalf("unknown option %q", key)
		}
	}
	b, found := Parse("example.cpy", []byte(book), o)
	if kind == "layout" {
		if b == nil {
			t.Fatalf("errors: %v", found)
		}
		return dump(b)
	}
	var s strings.Builder
	for _, f := range found {
		fmt.Fprintf(&s, "%d:%d %s %s: %s\n", f.Line, f.Column, f.Severity, f.Code, f.Message)
	}
	return s.String()
}

// TestReferenceCodes: the table of codes in the reference is that of Rules.
func TestReferenceCodes(t *testing.T) {
	raw, err := os.ReadFile(filepath.FromSlash(reference))
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for _, r := range Rules() {
		fmt.Fprintf(&want, "| %s | %s | %s %s |\n", r.Code, r.Title, r.Cause, r.Cure)
	}
	const head = "| code | title | cause and cure |\n|---|---|---|\n"
	before, after, ok := strings.Cut(string(raw), head)
	if !ok {
		t.Fatal("the table of codes is missing")
	}
	if *update {
		if err := os.WriteFile(reference, []byte(before+head+want.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want.String(), after); diff != "" {
		t.Errorf("run with -update (-want +got)\n%s", diff)
	}
}
