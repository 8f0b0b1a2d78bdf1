// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestAt writes the mark X at the place that is looked for: in Text and in the source it is the same
// character, however the scalar is written.
func TestAt(t *testing.T) {
	cases := []struct{ name, src string }{
		{"plain", "a: =path.X\n"},
		{"plain after text of two bytes", "a: \"é\"\nb: =é + X\n"},
		{"plain with anchor", "a: &name =path.X\n"},
		{"plain, anchor on its own line", "a: &name\n  =path.X\n"},
		{"plain in flow", "a: {b: [=path.X, c]}\n"},
		{"plain folded", "a: =one\n  two\n  three X\n"},
		{"plain folded with blank line", "a: =one\n\n\n   two X four\n"},
		{"plain key", "keyX: b\n"},
		{"single", "a: 'one X'\n"},
		{"single with quotes", "a: 'it''s ''X'''\n"},
		{"single folded", "a: 'one ''\n\n  two''s X'\n"},
		{"double", "a: \"one X\"\n"},
		{"double with escapes", `a: "\t\"\x41\u00e9\U0001F600\/ X"` + "\n"},
		{"double folded", "a: \"one\n  two \\\"X\"\n"},
		{"double with joined lines", "a: \"one \\\n    two\\\n\n  X\"\n"},
		{"literal", "a: |\n  one\n  two X\n"},
		{"literal, first line", "a: |\n    =X\n    two\n"},
		{"literal with deeper lines", "a: |\n  one\n      two X\n  three\n"},
		{"literal with blank lines", "a: |-\n\n  one\n\n  two X\n"},
		{"literal with indicator", "a: |2\n    one\n  X\n"},
		{"literal with indicator, first line", "a: |1\n   X one\n two\n"},
		{"literal in list", "- a: |\n    one\n    é X\n- b\n"},
		{"literal, Windows line ends", "a: |\r\n  one\r\n  two X\r\n"},
		{"folded", "a: >\n  one\n  two X\n"},
		{"folded, repeated words", "a: >\n  one\n  one\n  one X\n"},
		{"folded with deeper lines", "a: >-\n  one\n    two\n\n    three X\n  four\n"},
		{"folded with blank lines", "a: >+\n  one\n\n\n  two X\n\n"},
		{"folded with comment", "a: > # X is not here\n  one\n  two Y\n"},
		{"JSON", "{\"a\": \"\\u00e9 \\\\ X\"}"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			root, fs := ParseYAML("f.yaml", []byte(c.src))
			if len(fs) > 0 {
				t.Fatal(fs)
			}
			mark := "X"
			if strings.Contains(c.src, "Y") {
				mark = "Y"
			}
			n, offset := findText(root, mark)
			if n == nil {
				t.Fatalf("no scalar holds %s", mark)
			}
			before := c.src[:strings.LastIndex(c.src, mark)]
			line := strings.Count(before, "\n") + 1
			column := utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:]) + 1
			if got, want := n.At(offset), (Pos{File: "f.yaml", Line: line, Column: column}); got != want {
				t.Errorf("At(%d) = %s, want %s; text %q", offset, got, want, n.Text)
			}
		})
	}
}

// findText finds the scalar that holds mark, and where.
func findText(n *Node, mark string) (*Node, int) {
	if n.Kind == ScalarNode {
		if i := strings.LastIndex(n.Text, mark); i >= 0 {
			return n, i
		}
		return nil, 0
	}
	for _, f := range n.Fields {
		if k, i := findText(f.Key, mark); k != nil {
			return k, i
		}
		if v, i := findText(f.Value, mark); v != nil {
			return v, i
		}
	}
	for _, item := range n.Items {
		if v, i := findText(item, mark); v != nil {
			return v, i
		}
	}
	return nil, 0
}

func TestAtOutside(t *testing.T) {
	root, _ := ParseYAML("f", []byte("a: bcd\n"))
	n := root.Get("a")
	for offset, want := range map[int]int{-5: 4, 0: 4, 3: 7, 99: 7} {
		if got := n.At(offset); got.Column != want {
			t.Errorf("At(%d) is column %d, want %d", offset, got.Column, want)
		}
	}
	var none *Node
	if got := none.At(3); got != (Pos{}) {
		t.Errorf("At of nil = %v", got)
	}
	if got := (&Node{Text: "abc", Pos: Pos{File: "f", Line: 3, Column: 4}}).At(2); got.Line != 3 {
		t.Errorf("At of a made node = %v", got)
	}
}
