// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"lintel/specs"
)

// brokenFS opens nothing.
type brokenFS struct{}

func (brokenFS) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("disk failure")}
}

// TestCopyRead shows the one rule that a file of the corpus cannot: reading fails.
func TestCopyRead(t *testing.T) {
	b, found := Parse("dir/root.cpy", []byte("       01  R.\n           COPY PART.\n"), Options{FS: brokenFS{}})
	if b != nil || len(found) != 1 || found[0].Code != codeCopyRead || found[0].Pos != (specs.Pos{File: "dir/root.cpy", Line: 2, Column: 17}) {
		t.Errorf("findings: %v", found)
	}
	if strings.Contains(found[0].Message, "disk failure") {
		t.Error("the message repeats the error of the system")
	}
}

func TestCopyWithoutFolder(t *testing.T) {
	_, found := Parse("root.cpy", []byte("01 R.\n COPY PART.\n"), Options{})
	if len(found) != 1 || found[0].Code != codeCopyNotFound {
		t.Errorf("findings: %v", found)
	}
}

// TestCopiedPlaces: items of a copied book stand in that book.
func TestCopiedPlaces(t *testing.T) {
	fsys := fstest.MapFS{"lib/PART.cpy": {Data: []byte("      * the part\n           05  A PIC X.\n")}}
	b, found := Parse("root.cpy", []byte("       01  R.\n           COPY PART.\n"), Options{FS: fsys, SearchPath: []string{"lib"}})
	if b == nil {
		t.Fatal(found)
	}
	a := b.Record("r").Children[0]
	if want := (specs.Pos{File: "lib/PART.cpy", Line: 2, Column: 12}); a.Pos != want {
		t.Errorf("place %v, want %v", a.Pos, want)
	}
	if a.Comment != "the part" {
		t.Errorf("comment %q", a.Comment)
	}
}

// TestComments: the comment lines directly above an entry describe it.
func TestComments(t *testing.T) {
	src := strings.Join([]string{
		"      ******************",
		"      *  The account.  *",
		"      *  Two lines.    *",
		"      ******************",
		"       01  R.",
		"      * not this one",
		"",
		"      *> this one",
		"           05  A PIC X.",
		"           05  B PIC X.",
	}, "\n")
	b, found := Parse("b.cpy", []byte(src), Options{})
	if b == nil {
		t.Fatal(found)
	}
	r := b.Records[0]
	if r.Comment != "The account.\nTwo lines." || r.Children[0].Comment != "this one" || r.Children[1].Comment != "" {
		t.Errorf("comments %q, %q, %q", r.Comment, r.Children[0].Comment, r.Children[1].Comment)
	}
}

func TestRenamesStorage(t *testing.T) {
	b, found := Parse("b.cpy", []byte("01 R.\n05 A PIC X(2).\n05 B.\n10 C PIC X(3).\n10 D PIC X(4).\n66 E RENAMES A THRU C.\n66 F RENAMES D.\n"), Options{})
	if b == nil {
		t.Fatal(found)
	}
	e, f := b.Records[0].Renames[0], b.Records[0].Renames[1]
	if e.Offset != 0 || e.Size != 5 || f.Offset != 5 || f.Size != 4 {
		t.Errorf("%+v %+v", e, f)
	}
}

func TestProfiles(t *testing.T) {
	for _, name := range Profiles() {
		d, ok := Profile(name)
		if !ok || d.Name != name || d.MaxDigits < 18 || d.Pointer == 0 {
			t.Errorf("profile %s: %+v", name, d)
		}
	}
	if _, ok := Profile("cobol"); ok {
		t.Error("a profile that is none")
	}
}

// TestOccursMinimum: without TO the minimum comes from the dialect, and says so.
func TestOccursMinimum(t *testing.T) {
	d := ZOS()
	d.OccursMin = 0
	b, found := Parse("b.cpy", []byte("01 R.\n05 N PIC 9.\n05 T OCCURS 5 DEPENDING ON N PIC X.\n"), Options{Dialect: d})
	if b == nil {
		t.Fatal(found)
	}
	if o := b.Records[0].Children[1].Occurs; o.Min != 0 || o.Max != 5 || !o.MinImplied {
		t.Errorf("%+v", o)
	}
}

// TestSizesOfEveryLength walks n-1, n, n+1 around the limits of every binary size against the table of the
// Enterprise COBOL Programming Guide (and the configuration files of GnuCOBOL for the others).
func TestSizesOfEveryLength(t *testing.T) {
	zos := func(n int) int {
		switch {
		case n <= 4:
			return 2
		case n <= 9:
			return 4
		}
		return 8
	}
	gnu := func(n int) int {
		if n <= 2 {
			return 1
		}
		return zos(n)
	}
	for n := 1; n <= 18; n++ {
		for _, usage := range []string{"COMP", "COMP-4", "COMP-5", "BINARY"} {
			for _, sign := range []string{"", "S"} {
				src := []byte("01 R PIC " + sign + "9(" + itoa(n) + ") " + usage + ".\n")
				for _, c := range []struct {
					d    Dialect
					want int
				}{{ZOS(), zos(n)}, {Fujitsu(), zos(n)}, {GnuCOBOL(), gnu(n)}} {
					b, found := Parse("b.cpy", src, Options{Dialect: c.d})
					if b == nil {
						t.Fatal(found)
					}
					if got := b.Records[0].Size; got != c.want {
						t.Errorf("%s: %s has %d bytes, want %d", c.d.Name, src, got, c.want)
					}
				}
			}
		}
	}
}

func itoa(n int) string {
	if n >= 10 {
		return string(rune('0'+n/10)) + string(rune('0'+n%10))
	}
	return string(rune('0' + n))
}

// TestLargeBooks: sizes at the limits take time in proportion.
func TestLargeBooks(t *testing.T) {
	line := func(s string, n int) string { return strings.Repeat(s, n) }
	for name, src := range map[string]string{
		"colons":    "01 " + line(":", 1<<19) + " PIC X.",
		"redefines": "01 R.\n05 A PIC X.\n" + line("05 B REDEFINES A PIC X.\n", 20000),
		"tail":      "01 R PIC X(1)" + line("A", 1<<19) + ".",
		"tables":    "01 R.\n05 N PIC 9.\n" + line("05 T OCCURS 2 DEPENDING ON N PIC X.\n", 20000),
		"quotes":    "01 R PIC X VALUE '" + line("''", 1<<18) + "'.",
		"tabs":      line("\t", 1<<19) + "01 R PIC X.",
		"picture":   "01 R PIC " + line("9,", 1<<18) + "9.",
		"deep":      deepBook(),
	} {
		b, found := Parse("b.cpy", []byte(src), Options{Format: Free})
		if found.HasErrors() != (b == nil) {
			t.Errorf("%s: %d findings", name, len(found))
		}
	}
}

func deepBook() string {
	var b strings.Builder
	for n := 1; n < 49; n++ {
		b.WriteString(itoa(n) + " L" + itoa(n) + " OCCURS 2.\n")
	}
	return b.String() + "49 X PIC X.\n"
}

// FuzzParse: no panic, no layout together with errors, every place inside its file, every layout consistent.
func FuzzParse(f *testing.F) {
	for _, folder := range []string{"good", "bad"} {
		for _, path := range samples(f, folder, 1) {
			f.Add(readSample(f, path).book, uint8(0))
		}
	}
	part := []byte("       05  COPIED-A PIC X(3).\n       05  :TAG:-B PIC 9(2) COMP.\n")
	fsys := fstest.MapFS{"PART.cpy": {Data: part}, "PART1.cpy": {Data: part}, "SELF.cpy": {Data: []byte(" COPY SELF.\n")}}
	f.Fuzz(func(t *testing.T, src []byte, how uint8) {
		o := Options{FS: fsys, Format: Format(how % 3), Sequential: how&4 != 0, DecimalComma: how&8 != 0, Limits: Limits{RecordSize: 1 << 24, Items: 2000, Words: 20000}}
		if d, ok := Profile(Profiles()[int(how>>4)%4]); ok {
			o.Dialect = d
		}
		if how&128 != 0 {
			o.Replacing = []Replacement{{From: ":TAG:", To: "T"}, {From: "X", To: "Y", Mode: ReplaceLeading}}
		}
		b, found := Parse("root.cpy", src, o)
		if found.HasErrors() != (b == nil) {
			t.Fatalf("a layout and errors: %v", found)
		}
		text := map[string][]byte{"root.cpy": src}
		for name, file := range fsys {
			text[name] = file.Data
		}
		for _, x := range found {
			inside(t, text[x.File], x)
		}
		if b != nil {
			checkLayout(t, b)
		}
	})
}

// inside checks that a finding points into its file, or directly behind the end of a line.
func inside(t *testing.T, src []byte, f specs.Finding) {
	t.Helper()
	text, _ := decodeText(src)
	spans := splitLines(text)
	if f.Line == 1 && f.Column == 1 {
		return
	}
	if f.Line < 1 || f.Line > len(spans) || f.Column < 1 || f.Column > spans[f.Line-1].to-spans[f.Line-1].from+1 {
		t.Fatalf("the place %v is outside of the file", f)
	}
}
