// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestExactText makes sure that nothing YAML knows about types changes a text.
func TestExactText(t *testing.T) {
	src := `
- 012
- 00000042
- 1.10
- 0x1F
- 0o17
- 1_000
- yes
- no
- on
- 2001-01-01
- 1e3
- .inf
- +1
- 190:20:30
- 'null'
- ""
`
	want := []string{
		"012", "00000042", "1.10", "0x1F", "0o17", "1_000", "yes", "no", "on", "2001-01-01", "1e3", ".inf", "+1",
		"190:20:30", "null", "",
	}
	root, fs := ParseYAML("f", []byte(src))
	if len(fs) > 0 {
		t.Fatal(fs)
	}
	var got []string
	for _, n := range root.Items {
		got = append(got, n.Text)
		if n.Null {
			t.Errorf("%q is null", n.Text)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNodes(t *testing.T) {
	root, fs := ParseYAML("f", []byte("\xef\xbb\xbfa/b: &x {c~d: [1, ~, null, '']}\ne: *x\n"))
	if len(fs) > 0 {
		t.Fatal(fs)
	}
	one := root.Get("a/b").Get("c~d").Items
	if got, want := one[0].Path, "/a~1b/c~0d/0"; got != want {
		t.Errorf("path %q, want %q", got, want)
	}
	if !one[1].Null || !one[2].Null || one[3].Null {
		t.Error("null is not told from the empty text")
	}
	alias := root.Get("e").Get("c~d").Items[0]
	if alias.Path != "/e/c~0d/0" || alias.Pos != one[0].Pos {
		t.Errorf("the alias has path %q and place %s", alias.Path, alias.Pos)
	}
	if root.Key("e").Pos != (Pos{File: "f", Line: 2, Column: 1}) {
		t.Errorf("key at %s", root.Key("e").Pos)
	}
}

func TestLiterals(t *testing.T) {
	for text, want := range map[string]struct {
		expression bool
		literal    string
	}{"=a": {true, "=a"}, "=": {true, "="}, "==a": {false, "=a"}, "==": {false, "="}, "a": {false, "a"}, "": {false, ""}, "a=b": {false, "a=b"}} {
		n := &Node{Text: text}
		if n.IsExpression() != want.expression || n.Literal() != want.literal {
			t.Errorf("%q: %v, %q", text, n.IsExpression(), n.Literal())
		}
	}
}

func TestNodeJSON(t *testing.T) {
	for src, want := range map[string]string{
		"{a: 1.10, b: [true, yes, ~, 012, -0.5e+3]}": `{"a":1.10,"b":[true,"yes",null,"012",-0.5e+3]}`,
		`{a: "1", b: 'true', c: "<é\"\n"}`:           `{"a":"1","b":"true","c":"<é\"\n"}`,
		"[1., .5, +1, 01, 1e, 0x1, True]":            `["1.",".5","+1","01","1e","0x1","True"]`,
	} {
		root, fs := ParseYAML("f", []byte(src))
		if len(fs) > 0 {
			t.Fatal(fs)
		}
		if got := root.JSON(); got != want {
			t.Errorf("%s: got %s, want %s", src, got, want)
		}
	}
}

// TestJSONFile reads what other tools write: tabs, and characters beyond the first plane as a pair of escapes.
func TestJSONFile(t *testing.T) {
	src := "{\n\t\"a\":\t\"\\ud83d\\ude00 X\", \"b\": \"\\ud83d\\ude00\\u00e9\", \"c\" : {\"d\":[]}\n}\n"
	root, fs := ParseYAML("f.json", []byte(src))
	if len(fs) > 0 {
		t.Fatal(fs)
	}
	if got := root.Get("a").Text; got != "😀 X" {
		t.Errorf("text %q", got)
	}
	if got := root.Get("b").Text; got != "😀é" {
		t.Errorf("text %q", got)
	}
	line := strings.Split(src, "\n")[1]
	if got, want := root.Get("a").At(5).Column, utf8.RuneCountInString(line[:strings.Index(line, "X")])+1; got != want {
		t.Errorf("X in column %d, want %d", got, want)
	}
	if got, want := root.Key("c").Pos.Column, strings.Index(line, `"c"`)+1; got != want {
		t.Errorf("key c in column %d, want %d", got, want)
	}
}

func FuzzParseYAML(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "bad", "*.txtar"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range append(files, filepath.Join("testdata", "base.txtar")) {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range txtar.Parse(data).Files {
			f.Add(file.Data)
		}
	}
	f.Add([]byte("a: \"\\ud83d\\ude00\\\n x\"\nb: >2\n    x\n\n   y\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		root, fs := ParseYAML("f.yaml", src)
		lines := splitLines(src)
		inside := func(p Pos) {
			if p.Line < 0 || p.Line > len(lines) || p.Column < 0 {
				t.Errorf("%s is outside the file", p)
			}
		}
		for _, finding := range fs {
			inside(finding.Pos)
		}
		var walk func(n *Node)
		walk = func(n *Node) {
			inside(n.Pos)
			for i := range n.Text {
				inside(n.At(i))
			}
			for _, field := range n.Fields {
				walk(field.Key)
				walk(field.Value)
			}
			for _, item := range n.Items {
				walk(item)
			}
		}
		if root != nil {
			walk(root)
			_ = root.JSON()
		}
	})
}
