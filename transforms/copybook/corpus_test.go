// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"lintel/specs"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the golden parts of testdata")

// sample is one file of the corpus: options, the book, the books it copies, and what is expected.
type sample struct {
	name    string
	archive *txtar.Archive
	options Options
	book    []byte
}

// part returns the content of a file of the archive, or nil.
func (s *sample) part(name string) []byte {
	for _, f := range s.archive.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

// set replaces or appends a part.
func (s *sample) set(name, data string) {
	for i := range s.archive.Files {
		if s.archive.Files[i].Name == name {
			s.archive.Files[i].Data = []byte(data)
			return
		}
	}
	s.archive.Files = append(s.archive.Files, txtar.File{Name: name, Data: []byte(data)})
}

func readSample(t testing.TB, path string) *sample {
	t.Helper()
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := &sample{name: path, archive: a, book: nil}
	fsys := fstest.MapFS{}
	convert := s.readOptions(t)
	for _, f := range a.Files {
		switch f.Name {
		case "options", "layout", "findings":
			continue
		}
		data := convert(f.Data)
		fsys[f.Name] = &fstest.MapFile{Data: data}
		if s.book == nil {
			s.book = data
			s.name = f.Name
		}
	}
	s.options.FS = fsys
	return s
}

// readOptions reads the lines "key: value" of the options part, and returns how the books are to be turned into bytes.
func (s *sample) readOptions(t testing.TB) func([]byte) []byte {
	t.Helper()
	convert := func(b []byte) []byte { return b }
	for _, l := range strings.Split(string(s.part("options")), "\n") {
		key, value, _ := strings.Cut(l, ": ")
		n, _ := strconv.Atoi(value)
		o := &s.options
		switch key {
		case "":
		case "dialect":
			d, ok := Profile(value)
			if !ok {
				t.Fatalf("%s: no dialect %q", s.name, value)
			}
			o.Dialect = d
		case "wide":
			o.Dialect.WideBinary = true
		case "override":
			path, dialect, _ := strings.Cut(value, " ")
			d, ok := Profile(dialect)
			if !ok {
				t.Fatalf("%s: no dialect %q", s.name, dialect)
			}
			o.Overrides = append(o.Overrides, Override{Names: strings.Split(path, "."), Dialect: d})
		case "format":
			o.Format = map[string]Format{"fixed": Fixed, "free": Free}[value]
		case "left":
			o.LeftMargin = n
		case "right":
			o.RightMargin = n
		case "replace", "leading", "trailing":
			from, to, _ := strings.Cut(value, " => ")
			mode := map[string]ReplaceMode{"leading": ReplaceLeading, "trailing": ReplaceTrailing}[key]
			o.Replacing = append(o.Replacing, Replacement{From: from, To: to, Mode: mode})
		case "search":
			o.SearchPath = strings.Split(value, " ")
		case "sequential":
			o.Sequential = true
		case "comma":
			o.DecimalComma = true
		case "currency":
			o.Currency = value
		case "file-size":
			o.Limits.FileSize = n
		case "words":
			o.Limits.Words = n
		case "items":
			o.Limits.Items = n
		case "copy-depth":
			o.Limits.CopyDepth = n
		case "record-size":
			o.Limits.RecordSize = n
		case "findings":
			o.Limits.Findings = n
		case "bytes":
			convert = converter(value)
		case "decode":
			o.Decode = decodeEBCDIC
		default:
			t.Fatalf("%s: unknown option %q", s.name, key)
		}
	}
	return convert
}

// converter gives the ways to write books that a text file cannot hold: with escapes, or in EBCDIC.
func converter(how string) func([]byte) []byte {
	if how == "ebcdic" {
		return encodeEBCDIC
	}
	return func(b []byte) []byte { // "escaped": a line end only where one is written
		text := strings.ReplaceAll(strings.TrimSuffix(string(b), "\n"), "\n", "")
		out, err := strconv.Unquote(`"` + strings.ReplaceAll(text, `"`, `\"`) + `"`)
		if err != nil {
			return []byte(err.Error())
		}
		return []byte(out)
	}
}

func samples(t testing.TB, folder string, least int) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.txtar"))
	if err != nil || len(files) < least {
		t.Fatalf("testdata/%s: %d samples, %v", folder, len(files), err)
	}
	return files
}

// printFindings writes findings with the line they mean and a caret under the column.
func printFindings(s *sample, found specs.Findings) string {
	var b strings.Builder
	for _, f := range found {
		fmt.Fprintf(&b, "%s %s %s: %s\n", f.Code, f.Severity, f.Pos, f.Message)
		lines := strings.Split(string(s.part(f.File)), "\n")
		if s.options.Decode == nil && f.Line > 0 && f.Line <= len(lines) && f.Column > 0 {
			text := []rune(strings.TrimRight(lines[f.Line-1], " "))
			if f.Column <= len(text)+1 && len(text) < 100 {
				fmt.Fprintf(&b, "  |%s\n  |%s^\n", string(text), strings.Repeat(" ", f.Column-1))
			}
		}
	}
	return b.String()
}

func golden(t *testing.T, path string, s *sample, part, got string) {
	t.Helper()
	if *update {
		if got == "" && s.part(part) == nil {
			return
		}
		s.set(part, got)
		if err := os.WriteFile(path, txtar.Format(s.archive), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(s.part(part)), got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", part, diff)
	}
}

// TestGood lays out every book of testdata/good and compares layout and warnings.
func TestGood(t *testing.T) {
	for _, path := range samples(t, "good", 40) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			s := readSample(t, path)
			b, found := Parse(s.name, s.book, s.options)
			if found.HasErrors() || b == nil {
				t.Fatalf("errors in a good book:\n%s", printFindings(s, found))
			}
			checkLayout(t, b)
			golden(t, path, s, "findings", printFindings(s, found))
			golden(t, path, s, "layout", dump(b))
		})
	}
}

// TestBad reads every book of testdata/bad and compares the findings; together they show every rule.
func TestBad(t *testing.T) {
	shown := map[string]bool{}
	for _, path := range samples(t, "bad", 60) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			s := readSample(t, path)
			b, found := Parse(s.name, s.book, s.options)
			if len(found) == 0 {
				t.Fatal("no finding")
			}
			if found.HasErrors() != (b == nil) {
				t.Fatal("a book with errors gives no layout, any other does")
			}
			for _, f := range found {
				shown[f.Code] = true
				if f.Line < 1 || f.Column < 1 || f.Message == "" || f.Hint == "" {
					t.Errorf("no place, message or hint: %v", f)
				}
			}
			golden(t, path, s, "findings", printFindings(s, found))
		})
	}
	known := map[string]bool{}
	for _, r := range Rules() {
		if known[r.Code] || r.Title == "" || r.Cause == "" || r.Cure == "" {
			t.Errorf("rule %s is not complete or listed twice", r.Code)
		}
		known[r.Code] = true
		if !shown[r.Code] && r.Code != codeCopyRead {
			t.Errorf("no book in testdata/bad shows %s (%s)", r.Code, r.Title)
		}
	}
	for code := range shown {
		if !known[code] {
			t.Errorf("%s is reported but not in Rules", code)
		}
	}
}

// checkLayout asserts what holds for every layout.
func checkLayout(t *testing.T, b *Book) {
	t.Helper()
	for _, r := range b.Records {
		checkItem(t, r)
	}
}

func checkItem(t *testing.T, it *Item) {
	t.Helper()
	end := it.Offset
	for _, c := range it.Children {
		if c.Parent != it {
			t.Errorf("%s: parent is not set", c.Name)
		}
		checkItem(t, c)
		n := c.Size
		if c.Occurs != nil {
			n *= c.Occurs.Max
		}
		switch {
		case c.Redefines != nil && c.Offset != c.Redefines.Offset:
			t.Errorf("%s: redefines at another offset", c.Name)
		case c.Redefines == nil && c.Offset != end+c.Slack:
			t.Errorf("%s: offset %d, want %d and slack %d", c.Name, c.Offset, end, c.Slack)
		}
		end = max(end, c.Offset+n)
	}
	if len(it.Children) > 0 && it.Size != end-it.Offset+it.Pad {
		t.Errorf("%s: size %d, want %d and pad %d", it.Name, it.Size, end-it.Offset, it.Pad)
	}
	if it.Pos.Line < 1 || it.Pos.Column < 1 {
		t.Errorf("%s: no place", it.Name)
	}
}
