// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lintel/specs"
	"lintel/transforms/codepage"
	"lintel/transforms/copybook"
	"lintel/transforms/record"
)

// optionCase shows that an option has an effect: the output of a command differs with and without it.
type optionCase struct {
	key, value string
	// command is layout, decode (input in hexadecimal) or encode (JSON lines, output in hexadecimal).
	command string
	// book is the copybook, in free form unless it begins with blanks; "\n" is put behind every ";".
	book, in string
	// args are flags of both runs, rules further lines of the options file of both.
	args  []string
	rules string
	files map[string]string
}

// optionCases has one case for every line of the table.
func optionCases() []optionCase {
	number := "01 R.; 05 N PIC 9(3)."
	text := "01 R.; 05 A PIC X."
	table := "01 R.; 05 N PIC 9.; 05 T PIC X OCCURS 0 TO 3 DEPENDING ON N."
	whole := []string{"--framing", "whole"}
	return []optionCase{
		{key: "codepage", value: "cp273", command: "decode", book: text, in: "c0"},
		{key: "storage", value: "maximum", command: "decode", book: table, in: "f1c1c2c3", args: whole},
		{key: "trim", value: "both", command: "decode", book: "01 R.; 05 A PIC X(3).", in: "40c140"},
		{key: "blanks", value: "zero", command: "decode", book: number, in: "404040"},
		{key: "lowValues", value: "zero", command: "decode", book: number, in: "000000"},
		{key: "highValues", value: "null", command: "decode", book: number, in: "ffffff"},
		{key: "sign", value: "preferred", command: "decode", book: "01 R.; 05 N PIC S9(3) COMP-3.", in: "123f"},
		{key: "overflow", value: "truncate", command: "encode", book: text, in: `{"a":"AB"}`},
		{key: "decimals", value: "round", command: "encode", book: "01 R.; 05 N PIC 9V9.", in: `{"n":1.25}`},
		{key: "unmappable", value: "substitute", command: "encode", book: text, in: `{"a":"€"}`},
		{key: "excess", value: "ignore", command: "decode", book: text, in: "c1c2", args: whole},
		{key: "unreadable", value: "null", command: "decode", book: number, in: "c1f14b"},
		{key: "useValue", value: "true", command: "encode", book: "01 R.; 05 A PIC X VALUE 'Z'.", in: `{}`},
		{key: "fillTables", value: "true", command: "encode", book: "01 R.; 05 A PIC X OCCURS 2.", in: `{"a":["A"]}`},
		{key: "ignoreUnknown", value: "true", command: "encode", book: text, in: `{"a":"A","b":1}`},
		{key: "editedText", value: "true", command: "decode", book: "01 R.; 05 N PIC ZZ9.", in: "4040f1"},
		{key: "keepFiller", value: "true", command: "decode", book: "01 R.; 05 A PIC X.; 05 FILLER PIC X.", in: "c1c2"},
		{key: "century", value: "1970", command: "decode", book: "01 R.; 05 D PIC X(6).", in: "f8f0f0f2f2f9", rules: "D: {date: yyMMdd}"},
		{key: "maxRecord", value: "2", command: "layout", book: number},
		{key: "maxEntries", value: "1", command: "decode", book: "01 R.; 05 A PIC X OCCURS 2.", in: "c1c2"},

		{key: "dialect", value: "gnucobol", command: "layout", book: "01 R.; 05 N PIC 9(2) COMP."},
		{key: "binarySize", value: "1--8", command: "layout", book: "01 R.; 05 N PIC 9(6) COMP."},
		{key: "wideBinary", value: "true", command: "layout", book: "01 R.; 05 N PIC 9(20) COMP."},
		{key: "binaryOrder", value: "little", command: "decode", book: "01 R.; 05 N PIC 9(4) COMP.", in: "0100"},
		{key: "nativeOrder", value: "little", command: "decode", book: "01 R.; 05 N PIC 9(4) COMP-5.", in: "0100"},
		{key: "sync", value: "none", command: "layout", book: "01 R.; 05 A PIC X.; 05 N PIC 9(9) COMP SYNC."},
		{key: "signTable", value: "fujitsu", command: "decode", book: "01 R.; 05 N PIC S9.", in: "51", args: []string{"--codepage", "cp819"}},
		{key: "float", value: "ieee", command: "decode", book: "01 R.; 05 F COMP-1.", in: "3f800000"},
		{key: "floatOrder", value: "little", command: "decode", book: "01 R.; 05 F COMP-1.", in: "0000803f", args: []string{"--float", "ieee"}},
		{key: "occursMin", value: "0", command: "layout", book: "01 R.; 05 N PIC 9.; 05 T PIC X OCCURS 3 DEPENDING ON N."},
		{key: "pointer", value: "8", command: "layout", book: "01 R.; 05 P POINTER."},
		{key: "maxDigits", value: "5", command: "layout", book: "01 R.; 05 N PIC 9(6)."},

		{key: "format", value: "fixed", command: "layout", book: text},
		{key: "leftMargin", value: "1", command: "layout", book: " 01 R.; 05 A PIC X.", args: []string{"--format", "fixed"}},
		{key: "rightMargin", value: "80", command: "layout", book: "       01 R.;       05 A PIC X." + strings.Repeat(" ", 50) + "05 B PIC X."},
		{key: "replacing", value: "==:T:== BY ==ACCT==", command: "layout", book: "01 R.; 05 :T:-A PIC X."},
		{key: "searchPath", value: "books", command: "layout", book: "01 R.; COPY PART.", files: map[string]string{"books/PART.cpy": "       05 A PIC X."}},
		{key: "decimalComma", value: "true", command: "layout", book: "01 R.; 05 N PIC 9,99."},
		{key: "currency", value: "F", command: "layout", book: "01 R.; 05 N PIC FF9."},
		{key: "bookCodepage", value: "cp273", command: "layout", book: string([]byte{0xF0, 0xF1, 0x40, 0xD9, 0x40, 0xD7, 0xC9, 0xC3, 0x40, 0xE7, 0x4B})},
		{key: "sequential", value: "true", command: "layout", book: "01 R.; 05 A PIC X.;01 S.; 05 B PIC X."},

		{key: "framing", value: "rdw", command: "encode", book: text, in: `{"a":"A"}`},
		{key: "recordLength", value: "2", command: "decode", book: text, in: "c1c2", args: []string{"--excess", "ignore"}},
		{key: "lengthBytes", value: "2", command: "encode", book: text, in: `{"a":"A"}`, args: []string{"--framing", "length"}},
		{key: "lengthOrder", value: "little", command: "encode", book: text, in: `{"a":"A"}`, args: []string{"--framing", "length"}},
		{key: "lengthIncludes", value: "self", command: "encode", book: text, in: `{"a":"A"}`, args: []string{"--framing", "length"}},
		{key: "rdwOffset", value: "2", command: "encode", book: text, in: `{"a":"A"}`, args: []string{"--framing", "rdw"}},
		{key: "blockOrder", value: "little", command: "encode", book: text, in: `{"a":"A"}`, args: []string{"--framing", "bdw"}},
		{key: "blockIncludes", value: "payload", command: "encode", book: text, in: `{"a":"A"}`, args: []string{"--framing", "bdw"}},
		{key: "blockSize", value: "9", command: "encode", book: text, in: `{"a":"A"};{"a":"B"}`, args: []string{"--framing", "bdw"}},
		{key: "lineEnd", value: "nel15", command: "encode", book: text, in: `{"a":"A"}`, args: []string{"--framing", "lines"}},
		{key: "fileHeader", value: "1", command: "decode", book: text, in: "00c1", args: []string{"--keep-going"}},
		{key: "fileTrailer", value: "1", command: "decode", book: text, in: "c100"},
		{key: "recordHeader", value: "1", command: "decode", book: text, in: "00c1"},
		{key: "recordTrailer", value: "1", command: "decode", book: text, in: "c100"},
		{key: "shortLast", value: "drop", command: "decode", book: number, in: "f0f0f1f0"},
		{key: "fill", value: "40", command: "encode", book: text, in: `{"a":"A"}`, args: []string{"--record-length", "3"}},
	}
}

// ran is what a command did.
type ran struct {
	Code           int
	Stdout, Stderr string
}

func runLintel(t *testing.T, args ...string) ran {
	t.Helper()
	var out, talk bytes.Buffer
	code := run(t.Context(), args, &out, &talk)
	return ran{code, out.String(), talk.String()}
}

// lines makes lines of a text with semicolons.
func lines(s string) string { return strings.ReplaceAll(s, ";", "\n") + "\n" }

// runOption runs the command of a case with an options file of that text, if there is one, and more flags.
func (c *optionCase) run(t *testing.T, options string, flags ...string) ran {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	files := map[string]string{"R.cpy": lines(c.book), "in": lines(c.in), "options.yaml": options + c.rules + "\n"}
	if c.key == "bookCodepage" {
		files["R.cpy"] = c.book
	}
	for name, content := range c.files {
		files[name] = content
	}
	for name, content := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{c.command, "R.cpy"}
	if c.command == "layout" {
		args = append(args, "--output", "json")
	} else {
		args = append(args, "in", "--hex")
	}
	if options+c.rules != "" {
		args = append(args, "--options", "options.yaml")
	}
	return runLintel(t, append(append(args, c.args...), flags...)...)
}

// TestRecordOptions walks the table: every option has an effect, and the same one as a flag, under "*" and at
// the name of a record; and a flag wins over a file.
func TestRecordOptions(t *testing.T) {
	cases := optionCases()
	for _, opt := range recordOptions() {
		i := slices.IndexFunc(cases, func(c optionCase) bool { return c.key == opt.key })
		if i < 0 {
			t.Errorf("no case for option %s", opt.key)
			continue
		}
		t.Run(opt.key, func(t *testing.T) {
			c := cases[i]
			without := c.run(t, "")
			flag := c.run(t, "", "--"+opt.flag()+"="+c.value)
			if without.Stdout == flag.Stdout && without.Code == flag.Code {
				t.Errorf("--%s %s changes nothing:\n%+v", opt.flag(), c.value, flag)
			}
			if without.Code > exitFindings || flag.Code > exitFindings {
				t.Errorf("exit codes %d and %d:\n%s\n%s", without.Code, flag.Code, without.Stderr, flag.Stderr)
			}
			if without.Code != exitOK && flag.Code != exitOK {
				t.Errorf("both fail: %s\n%s", without.Stderr, flag.Stderr)
			}
			value := "'" + c.value + "'"
			for name, options := range map[string]string{
				`"*"`:        fmt.Sprintf("\"*\": {%s: %s}\n", opt.key, value),
				"the record": fmt.Sprintf("R: {%s: %s}\n", opt.key, value),
			} {
				var more []string
				if name == "the record" {
					more = []string{"--record", "R"}
				}
				file := c.run(t, options, more...)
				if file.Code != flag.Code || file.Stdout != flag.Stdout {
					t.Errorf("under %s the option has another effect:\n%s", name, cmp.Diff(flag, file))
				}
			}
			if opt.field {
				t.Run("field", func(t *testing.T) { atField(t, &c, &opt, flag) })
			}
			t.Run("flag wins", func(t *testing.T) { flagWins(t, &c, &opt, flag) })
		})
	}
}

// atField gives the option at the name of the last field of the copybook.
func atField(t *testing.T, c *optionCase, opt *recordOption, flag ran) {
	entry := c.book[strings.LastIndex(c.book, "05 ")+3:]
	if c.key == "keepFiller" {
		return // FILLER has no name to put an option at
	}
	name, _, _ := strings.Cut(strings.TrimSuffix(entry, "."), " ")
	rules := fmt.Sprintf("%s: {%s: '%s'}\n", name, opt.key, c.value)
	if c.key == "century" { // beside the rule that it is for
		bare := *c
		bare.rules, c = "", &bare
		rules = fmt.Sprintf("D: {date: yyMMdd, %s: '%s'}\n", opt.key, c.value)
	}
	got := c.run(t, rules)
	plain := func(s string) string { return strings.Replace(s, `"dialect": "gnucobol"`, `"dialect": "zos"`, 1) }
	if got.Code != flag.Code || plain(got.Stdout) != plain(flag.Stdout) {
		t.Errorf("at field %s the option has another effect:\n%s\n%s", name, cmp.Diff(flag, got), got.Stderr)
	}
}

// flagWins gives another value in the file than by the flag.
func flagWins(t *testing.T, c *optionCase, opt *recordOption, flag ran) {
	var other string
	switch {
	case len(opt.words) > 0:
		other = opt.words[0]
		if other == c.value {
			other = opt.words[1]
		}
	case opt.list, opt.key == "currency", opt.key == "bookCodepage", opt.key == "codepage", opt.key == "fill":
		return // without an order of values to choose from
	default:
		low, high, _ := strings.Cut(opt.arg, "..")
		if other = low; low == c.value {
			other = high
		}
	}
	got := c.run(t, fmt.Sprintf("\"*\": {%s: '%s'}\n", opt.key, other), "--"+opt.flag()+"="+c.value)
	if got.Code != flag.Code || got.Stdout != flag.Stdout {
		t.Errorf("with %s in the file the flag %s has another effect:\n%s", other, c.value, cmp.Diff(flag, got))
	}
}

// TestRecordOptionKeys makes sure that specs knows the keys of the table, and no others.
func TestRecordOptionKeys(t *testing.T) {
	var keys []string
	for _, o := range recordOptions() {
		keys = append(keys, o.key)
		if o.doc == "" || o.values() == "" || o.def == "" || strings.HasSuffix(o.doc, ".") {
			t.Errorf("option %s is not described completely", o.key)
		}
	}
	if diff := cmp.Diff(specs.RecordOptionKeys(), keys); diff != "" {
		t.Errorf("keys (-specs +table)\n%s", diff)
	}
}

// TestRecordOptionsComplete sets every option and expects that every member of the options of the
// codec, of the dialect and of the copybook reader is reached by one of them.
func TestRecordOptionsComplete(t *testing.T) {
	reached := map[string]bool{}
	for _, c := range optionCases() {
		for _, o := range recordOptions() {
			if o.key != c.key {
				continue
			}
			before, after := recordSettings{}, recordSettings{}
			before.book.Dialect, after.book.Dialect = copybook.ZOS(), copybook.ZOS()
			after.book.Dialect.FloatLittle = c.key == "float"
			if err := o.set(&after, c.value); err != nil {
				t.Fatal(err)
			}
			differences("record", reflect.ValueOf(before.record), reflect.ValueOf(after.record), reached)
			differences("book", reflect.ValueOf(before.book), reflect.ValueOf(after.book), reached)
		}
	}
	elsewhere := []string{
		"record.Page", "record.Dialect", "record.Rules", // from codepage, dialect and the field rules
		"record.PolicyOf", "record.PageOf", "book.Overrides", // from options at fields
		"book.FS",                                                                                 // the folder of the copybook
		"book.Limits.FileSize", "book.Limits.Words", "book.Limits.Items", "book.Limits.CopyDepth", // guards of the reader itself
		"book.Limits.RecordSize", "book.Limits.Findings",
	}
	var settings recordSettings
	for name, v := range map[string]reflect.Value{"record": reflect.ValueOf(settings.record), "book": reflect.ValueOf(settings.book)} {
		for _, leaf := range leaves(name, v.Type()) {
			if !reached[leaf] && !slices.ContainsFunc(elsewhere, func(e string) bool { return leaf == e || strings.HasPrefix(leaf, e+".") }) {
				t.Errorf("no option reaches %s", leaf)
			}
		}
	}
}

// leaves lists the members of a struct that are no structs.
func leaves(name string, t reflect.Type) []string {
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[codepage.Page]() || t == reflect.TypeFor[record.Codec]() {
		return []string{name}
	}
	var out []string
	for i := range t.NumField() {
		out = append(out, leaves(name+"."+t.Field(i).Name, t.Field(i).Type)...)
	}
	return out
}

func differences(name string, a, b reflect.Value, reached map[string]bool) {
	if a.Kind() == reflect.Struct {
		for i := range a.NumField() {
			differences(name+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i), reached)
		}
		return
	}
	if a.Kind() == reflect.Func {
		reached[name] = reached[name] || a.IsNil() != b.IsNil()
		return
	}
	reached[name] = reached[name] || !reflect.DeepEqual(a.Interface(), b.Interface())
}

// TestReferenceRecordOptions keeps docs/reference/record-options.md the same as the table.
func TestReferenceRecordOptions(t *testing.T) {
	var b bytes.Buffer
	b.WriteString(`# Record options

How records are laid out, read and written: flags of ` + "`lintel layout`, `lintel decode` and `lintel encode`" + `, and keys of
their ` + "`--options`" + ` files and of the records.yaml of a workspace. This page is generated from the code: ` + "`make gen`" + `.

In a file, options under ` + "`\"*\"`" + ` are for all records, and options at the name of a record are for that one and win over those
for all. A flag wins over both. Rules for fields stand beside them, see [workspace](workspace.md).

` + "```yaml" + `
"*": {codepage: cp1140, blanks: zero}
ACCT-RECORD: {storage: maximum, prefix: ACCT-}
ACCT-STATUS: {enum: {A: active, C: closed}}
` + "```" + `

The options for datasets are for the tools alone; in a workspace they are findings. The code page of a workspace's record is
that of its backend, unless an option gives another. Folders of ` + "`searchPath`" + ` are relative to the current folder for the tools, and to
the workspace in a workspace.

Options marked with a star may also stand at the name of a field or group; there they hold for it and all below it, and win
over those of the record. At such a name the others are findings.
`)
	group := -1
	for _, o := range recordOptions() {
		if int(o.group) != group {
			group = int(o.group)
			fmt.Fprintf(&b, "\n## %s\n\n| key | flag | values | default | meaning |\n|---|---|---|---|---|\n", o.group.title())
		}
		doc := o.doc
		if o.framings != nil {
			doc += " (framing " + strings.Join(o.framings, ", ") + ")"
		}
		star := ""
		if o.field {
			star = " *"
		}
		fmt.Fprintf(&b, "| `%s`%s | `--%s` | `%s` | %s | %s |\n", o.key, star, o.flag(), cell(o.values()), o.def, cell(doc))
	}
	golden(t, "../../docs/reference/record-options.md", b.Bytes())
}
