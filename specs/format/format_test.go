// SPDX-License-Identifier: Apache-2.0

package format

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"lintel/specs"
)

// TestFormat walks testdata/format.txtar: what goes in, and what comes out.
func TestFormat(t *testing.T) {
	a, err := txtar.ParseFile("testdata/format.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(a.Files); i += 2 {
		in, want := a.Files[i], a.Files[i+1]
		got, err := YAML("f.yaml", in.Data)
		if err != nil {
			t.Errorf("%s: %v", in.Name, err)
			continue
		}
		if string(got) != string(want.Data) {
			t.Errorf("%s: got\n%s\nwant\n%s", in.Name, got, want.Data)
		}
	}
}

// TestTheRepository formats every YAML document of the project, those in archives of tests too: it must be
// understood, keep its values, and stay as it is when it is formatted again.
func TestTheRepository(t *testing.T) {
	n, unclear := 0, 0
	check := func(name string, src []byte) {
		out, err := YAML(name, src)
		var findings specs.Findings
		if errors.As(err, &findings) {
			return
		}
		n++
		if err != nil {
			unclear++
			t.Errorf("%s: %v\n%s", name, err, src)
			return
		}
		again, err := YAML(name, out)
		if err != nil || string(again) != string(out) {
			t.Errorf("%s: formatted again it is another text (%v)\n%s\n%s", name, err, out, again)
		}
	}
	err := filepath.WalkDir("../..", func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			if e != nil && e.IsDir() && strings.HasPrefix(e.Name(), ".") && len(e.Name()) > 2 {
				return fs.SkipDir
			}
			return err
		}
		switch filepath.Ext(file) {
		case ".yaml", ".yml":
			src, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			check(file, src)
		case ".txtar", ".txt":
			a, err := txtar.ParseFile(file)
			if err != nil {
				return err
			}
			for _, f := range a.Files {
				if strings.HasSuffix(f.Name, ".yaml") {
					check(file+" "+f.Name, f.Data)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 200 {
		t.Errorf("only %d documents were found", n)
	}
}

// TestTheExamplesAreFormatted holds the workspaces that people copy to the form that fmt gives.
func TestTheExamplesAreFormatted(t *testing.T) {
	for _, root := range []string{"../../examples", "../../cmd/lintel/start"} {
		err := filepath.WalkDir(root, func(file string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || filepath.Ext(file) != ".yaml" {
				return err
			}
			src, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			out, err := YAML(file, src)
			if err != nil || string(out) != string(src) {
				t.Errorf("%s is not formatted (%v): run lintel fmt", file, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// untidy writes random documents as people do: with all sorts of indentation, comments and texts.
type untidy struct {
	r *rand.Rand
	b strings.Builder
}

func (u *untidy) line(indent int, text string) {
	if u.r.IntN(6) == 0 {
		fmt.Fprintf(&u.b, "%s# a remark: %d\n", strings.Repeat(" ", indent), u.r.IntN(9))
	}
	if u.r.IntN(8) == 0 {
		u.b.WriteString(strings.Repeat("\n", 1+u.r.IntN(3)))
	}
	fmt.Fprintf(&u.b, "%s%s%s\n", strings.Repeat(" ", indent), text, strings.Repeat(" ", u.r.IntN(3)))
}

func (u *untidy) value(indent, depth int, head string) {
	deeper := indent + 1 + u.r.IntN(5)
	pad := strings.Repeat(" ", deeper)
	n := 9
	if depth > 0 {
		n = 14
	}
	switch k := u.r.IntN(n); k {
	case 0:
		u.line(indent, head+" 0123  # a number, with zeros")
	case 1:
		u.line(indent, head+` "a: b # c"`)
	case 2:
		u.line(indent, head+" 'it''s'")
	case 3:
		u.line(indent, head+" {a: 1, b: [x, 'y]', \"}\"]}")
	case 4:
		u.line(indent, head+" |")
		fmt.Fprintf(&u.b, "%sfirst line\n%s  indented # no comment\n\n%slast: one\n", pad, pad, pad)
	case 5:
		u.line(indent, head+" >-")
		fmt.Fprintf(&u.b, "%sfolded\n%stext\n", pad, pad)
	case 6:
		u.line(indent, head+" {a: 1, # here")
		fmt.Fprintf(&u.b, "%sb: 2,\n\n%sc: [1,\n%s2]}\n", pad, pad, pad)
	case 7:
		u.line(indent, head+" a plain text")
		fmt.Fprintf(&u.b, "%sthat goes on\n", pad)
	case 8:
		u.line(indent, head+` "a text`)
		fmt.Fprintf(&u.b, "%sin two lines\"\n", pad)
	case 9, 10, 11:
		u.line(indent, head)
		u.mapping(deeper, depth-1)
	default:
		u.line(indent, head)
		if strings.HasSuffix(head, ":") && u.r.IntN(3) == 0 {
			deeper = indent
		}
		u.list(deeper, depth-1)
	}
}

func (u *untidy) mapping(indent, depth int) {
	for i := range 1 + u.r.IntN(4) {
		u.value(indent, depth, fmt.Sprintf("k%d:", i))
	}
}

func (u *untidy) list(indent, depth int) {
	for range 1 + u.r.IntN(3) {
		if u.r.IntN(2) == 0 {
			gap := 1 + u.r.IntN(3)
			u.line(indent, "-"+strings.Repeat(" ", gap)+"a: 1")
			u.value(indent+1+gap, depth, "b:")
			continue
		}
		u.value(indent, depth, "-")
	}
}

// TestAnyDocument formats random documents: the values and comments stay, and the form is final.
func TestAnyDocument(t *testing.T) {
	for seed := range uint64(3000) {
		u := &untidy{r: rand.New(rand.NewPCG(seed, 5))}
		u.mapping(u.r.IntN(3), 3)
		src := u.b.String()
		if _, findings := specs.ParseYAML("f", []byte(src)); findings.HasErrors() {
			t.Fatalf("seed %d is no YAML: %v\n%s", seed, findings, src)
		}
		out, err := YAML("f", []byte(src))
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, src)
		}
		if again, err := YAML("f", out); err != nil || string(again) != string(out) {
			t.Fatalf("seed %d: not final (%v)\n%s\n%s\n%s", seed, err, src, out, again)
		}
		for i, line := range strings.Split(string(out), "\n") {
			if line != strings.TrimRight(line, " ") {
				t.Fatalf("seed %d: line %d ends with blanks\n%s", seed, i+1, out)
			}
		}
	}
}

// FuzzYAML looks for documents that change, or that are not final.
func FuzzYAML(f *testing.F) {
	f.Add([]byte("a:\n- b: c\n  d: |\n   x\n"))
	f.Add([]byte("# c\n\"q\": {x: [1,\n 2]} # d\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		out, err := YAML("f", src)
		if err != nil {
			return
		}
		if again, err := YAML("f", out); err != nil || string(again) != string(out) {
			t.Fatalf("not final (%v)\n%q\n%q\n%q", err, src, out, again)
		}
	})
}
