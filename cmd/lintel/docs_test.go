// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/funcs"
)

// TestDocsTransforms compiles every YAML block of the transforms reference. The comment before a
// block names a workspace of testdata/language and a file of it; the top-level keys of the block
// take the place of those in the file.
func TestDocsTransforms(t *testing.T) {
	page := readDoc(t, "../../docs/reference/transforms.md")
	blocks := regexp.MustCompile("(?s)<!-- (\\S+) (\\S+) -->\n```yaml\n(.*?)```").FindAllStringSubmatch(page, -1)
	if n := strings.Count(page, "```yaml"); n != len(blocks) || n == 0 {
		t.Fatalf("%d blocks, %d of them with a workspace", n, len(blocks))
	}
	for _, b := range blocks {
		a, err := txtar.ParseFile("testdata/language/" + b[1])
		if err != nil {
			t.Fatal(err)
		}
		files := fstest.MapFS{}
		for _, f := range a.Files {
			files[f.Name] = &fstest.MapFile{Data: f.Data}
			if f.Name == b[2] {
				files[f.Name].Data = []byte(overlay(string(f.Data), b[3]))
			}
		}
		ws, findings := specs.LoadFS(b[1], files, noEnv)
		_, more := compile(ws)
		if findings = append(findings, more...); findings.HasErrors() {
			t.Errorf("%s\n%v", b[3], findings)
		}
	}
}

// overlay replaces the top-level sections of a YAML document by those of a block; a list replaces
// all of it.
func overlay(doc, block string) string {
	section := regexp.MustCompile(`(?m)^[a-z]\w*:.*\n(?:[ #].*\n|\n)*`)
	if !section.MatchString(block) || strings.HasPrefix(block, "- ") {
		return block
	}
	for _, s := range section.FindAllString(block, -1) {
		key, _, _ := strings.Cut(s, ":")
		old := regexp.MustCompile(`(?m)^` + key + `:.*\n(?:[ #].*\n|\n)*`)
		doc = old.ReplaceAllLiteralString(doc, "") + s
	}
	return doc
}

// TestDocsExpressions runs the examples of the expressions reference.
func TestDocsExpressions(t *testing.T) {
	page := readDoc(t, "../../docs/reference/expressions.md")
	block := regexp.MustCompile("(?s)```expressions\n(.*?)```").FindStringSubmatch(page)
	if block == nil {
		t.Fatal("no examples found")
	}
	c := &transforms.Compiler{Funcs: funcs.All()}
	for _, line := range strings.Split(strings.TrimSpace(block[1]), "\n") {
		m := regexp.MustCompile(`^(.*?)\s+(gives|fails) (.*)$`).FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("line %q is not understood", line)
		}
		got, err := c.Evaluate(m[1])
		switch {
		case m[2] == "gives" && (err != nil || got != m[3]):
			t.Errorf("%s\n%s, %v", line, got, err)
		case m[2] == "fails" && (err == nil || !strings.Contains(err.Error(), m[3])):
			t.Errorf("%s\n%s, %v", line, got, err)
		}
	}
}

func readDoc(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
