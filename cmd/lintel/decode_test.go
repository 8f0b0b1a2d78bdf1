// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// write puts files into a new folder, which becomes the current one.
func write(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, content := range files {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDecodeExitCodes runs the three commands into every kind of end.
func TestDecodeExitCodes(t *testing.T) {
	write(t, map[string]string{
		"A.cpy": "       01  R.\n           05  A PIC 9.\n", "WRONG.cpy": "       01  R.\n           05  A PIC Q.\n",
		"good.hex": "f1", "bad.hex": "40", "odd.hex": "f", "no.hex": "x", "empty": "", "good.jsonl": `{"a":1}`, "bad.jsonl": `{"a":22}`,
		"wrong.yaml": "\"*\": {blanks: x}\n", "broken.yaml": "{", "none.yaml": "",
		"clash.yaml": "\"*\": {leftMargin: 80}\n",
	})
	for args, want := range map[string]int{
		"layout A.cpy":                                     exitOK,
		"layout A.cpy --with good.hex --hex":               exitOK,
		"layout A.cpy --with bad.hex --hex":                exitFindings,
		"layout A.cpy --with empty":                        exitFindings,
		"layout A.cpy --with nowhere":                      exitLoad,
		"layout A.cpy --hex":                               exitUsage,
		"layout A.cpy --output svg --with good.hex --hex":  exitOK,
		"layout WRONG.cpy":                                 exitFindings,
		"layout nowhere.cpy":                               exitLoad,
		"layout .":                                         exitLoad,
		"layout":                                           exitUsage,
		"layout A.cpy --dialect cobol":                     exitUsage,
		"layout A.cpy --record X":                          exitUsage,
		"layout A.cpy --options wrong.yaml":                exitFindings,
		"layout A.cpy --options broken.yaml":               exitFindings,
		"layout A.cpy --options none.yaml":                 exitOK,
		"layout A.cpy --options clash.yaml":                exitUsage,
		"layout A.cpy --options nowhere.yaml":              exitLoad,
		"decode A.cpy good.hex --hex":                      exitOK,
		"decode A.cpy empty --hex":                         exitOK,
		"decode A.cpy bad.hex --hex":                       exitFindings,
		"decode A.cpy bad.hex --hex --keep-going":          exitFindings,
		"decode A.cpy bad.hex --hex --tolerant":            exitFindings,
		"decode A.cpy bad.hex --hex --trace":               exitFindings,
		"decode A.cpy bad.hex --hex --exact":               exitOK,
		"decode A.cpy odd.hex --hex":                       exitLoad,
		"decode A.cpy no.hex --hex":                        exitLoad,
		"decode A.cpy .":                                   exitLoad,
		"decode A.cpy nowhere":                             exitLoad,
		"decode A.cpy good.hex extra":                      exitUsage,
		"decode A.cpy good.hex --line-end lf":              exitUsage,
		"decode A.cpy good.hex --record-length 99999999":   exitUsage,
		"decode A.cpy good.hex --output svg":               exitUsage,
		"encode A.cpy good.jsonl":                          exitOK,
		"encode A.cpy bad.jsonl":                           exitFindings,
		"encode A.cpy bad.jsonl --keep-going":              exitFindings,
		"encode A.cpy good.jsonl --trace --hex":            exitUsage,
		"encode A.cpy good.jsonl --trace --output json":    exitOK,
		"encode A.cpy nowhere":                             exitLoad,
		"encode WRONG.cpy good.jsonl":                      exitFindings,
		"encode A.cpy good.jsonl --replacing ==A==,==B==":  exitUsage,
		"encode A.cpy good.jsonl --fill 4":                 exitUsage,
		"encode A.cpy good.jsonl --framing rdw --fill 40":  exitUsage,
		"encode A.cpy good.jsonl --float-order little":     exitUsage,
		"encode A.cpy good.jsonl --book-codepage cp0":      exitUsage,
		"encode A.cpy good.jsonl --record-header 02":       exitUsage,
		"encode A.cpy good.jsonl --record-header 99999999": exitUsage,
	} {
		got := runLintel(t, strings.Fields(args)...)
		if got.Code != want {
			t.Errorf("lintel %s: exit code %d, want %d\n%s", args, got.Code, want, got.Stderr)
		}
		if got.Code != exitOK && got.Stderr == "" {
			t.Errorf("lintel %s: says nothing", args)
		}
	}
}

// TestDecodeSecret keeps values out of errors, and sensitive ones out of everything but the result.
func TestDecodeSecret(t *testing.T) {
	write(t, map[string]string{
		"A.cpy": "       01  R.\n           05  G.\n              10  PIN PIC 9(4) OCCURS 2.\n           05  B PIC 9(4).\n",
		"in":    "f1f2f3f4 d1d2d3d4 d1d2d3d4", "secret.yaml": "G: {sensitive: true}\n",
	})
	for _, args := range []string{
		"decode A.cpy in --hex", "decode A.cpy in --hex --keep-going", "decode A.cpy in --hex --tolerant --options secret.yaml --unsafe-values",
		"decode A.cpy in --hex --trace --options secret.yaml --unsafe-values", "decode A.cpy in --hex --trace --output json --options secret.yaml",
		"layout A.cpy --with in --hex --options secret.yaml", "layout A.cpy --with in --hex --options secret.yaml --output json",
		"layout A.cpy --with in --hex --options secret.yaml --output svg",
	} {
		got := runLintel(t, strings.Fields(args)...)
		all := got.Stderr
		if !strings.Contains(args, "--tolerant") {
			all += got.Stdout
		}
		// B may be shown where it was asked for; its bytes are those of the second PIN.
		if n := strings.Count(all, "d1d2d3d4"); n > 1 || n == 1 && !strings.Contains(args, "secret") {
			t.Errorf("lintel %s shows bytes:\n%s", args, all)
		}
		if strings.Contains(all, "1234") || strings.Contains(all, "f1f2f3f4") {
			t.Errorf("lintel %s shows a value:\n%s", args, all)
		}
	}
}

// TestDecodeTraceTables follows tables of variable length and what moves behind them.
func TestDecodeTraceTables(t *testing.T) {
	write(t, map[string]string{
		"T.cpy": "       01  R.\n           05  N PIC 9.\n           05  T OCCURS 0 TO 3 DEPENDING ON N.\n              10  A PIC X.\n              10  B PIC 9 OCCURS 2.\n           05  C PIC X(2).\n",
		"in":    "f2 c1f1f2 c2f3f4 c3c4", "bad": "f9c1",
	})
	got := runLintel(t, "decode", "T.cpy", "in", "--hex", "--trace", "--framing", "whole")
	want := `record 1 at byte 0, 9 bytes
  /n        0  f2    |2|   2
  /t/0/a    1  c1    |A|   "A"
  /t/0/b/0  2  f1    |1|   1
  /t/0/b/1  3  f2    |2|   2
  /t/1/a    4  c2    |B|   "B"
  /t/1/b/0  5  f3    |3|   3
  /t/1/b/1  6  f4    |4|   4
  /c        7  c3c4  |CD|  "CD"
`
	if diff := cmp.Diff(want, got.Stdout); diff != "" {
		t.Errorf("trace (-want +got)\n%s\n%s", diff, got.Stderr)
	}
	got = runLintel(t, "decode", "T.cpy", "bad", "--hex", "--trace", "--framing", "whole")
	if got.Code != exitFindings || !strings.Contains(got.Stdout, "  error: field R.N (PIC 9) at offset 0: the counter") {
		t.Errorf("trace of a bad counter: %+v", got)
	}
}

// TestDecodeInterrupted ends a command that waits for its input.
func TestDecodeInterrupted(t *testing.T) {
	write(t, map[string]string{"A.cpy": "       01  R.\n           05  A PIC 9.\n"})
	ctx, cancel := context.WithCancel(t.Context())
	in, w := io.Pipe()
	defer func() { _ = w.Close() }()
	var out, talk bytes.Buffer
	p := &program{stdout: &out, stderr: &talk, env: noEnv, output: "text"}
	cmd := newDecode(p)
	cmd.SetIn(in)
	cmd.SetArgs([]string{"A.cpy"})
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	done := make(chan error)
	go func() { done <- cmd.ExecuteContext(ctx) }()
	if _, err := w.Write([]byte{0xF1}); err != nil {
		t.Fatal(err)
	}
	cancel()
	var e *exitError
	if err := <-done; !errors.As(err, &e) || e.code != exitInterrupted {
		t.Errorf("error %v, want exit code %d", err, exitInterrupted)
	}
}

// TestDecodeManyBad keeps a bounded list of bad records.
func TestDecodeManyBad(t *testing.T) {
	write(t, map[string]string{"A.cpy": "       01  R.\n           05  A PIC 9.\n", "in": strings.Repeat("\x40", maxBadRecords+500)})
	got := runLintel(t, "decode", "A.cpy", "in", "--keep-going")
	if n := strings.Count(got.Stderr, "\n"); n != maxBadRecords+2 || !strings.Contains(got.Stderr, "and 500 more\nlintel: 1500 of 1500 records are bad\n") {
		t.Errorf("%d lines, ending in %q", n, got.Stderr[max(0, len(got.Stderr)-200):])
	}
}

// BenchmarkDecode decodes 10,000 records of a dataset, as a stream.
func BenchmarkDecode(b *testing.B) {
	dir := b.TempDir()
	b.Chdir(dir)
	if err := os.WriteFile("A.cpy", []byte("       01  R.\n           05  A PIC X(20).\n           05  B PIC S9(9)V99 COMP-3.\n           05  C PIC 9(8).\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	rec := bytes.Repeat([]byte{0xF1}, 34)
	copy(rec[20:], []byte{0, 0, 0x01, 0x23, 0x45, 0x6C})
	if err := os.WriteFile("in", bytes.Repeat(rec, 10_000), 0o600); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(340_000)
	b.ReportAllocs()
	for b.Loop() {
		if code := run(b.Context(), []string{"decode", "A.cpy", "in"}, io.Discard, io.Discard); code != exitOK {
			b.Fatal(code)
		}
	}
}

// TestLayoutElementary shows a record that is one field.
func TestLayoutElementary(t *testing.T) {
	write(t, map[string]string{"A.cpy": "       01  A  PIC 9(3).\n", "in": "f0f0f7"})
	want := "A  3 bytes  code page cp037, dialect zos\n\n" +
		"OFFSET  LENGTH  ITEM  JSON  PICTURE  USAGE    HEX     TEXT   VALUE  NOTES\n" +
		"     0       3  01 A  a     9(3)     DISPLAY  f0f0f7  |007|  7\n"
	got := runLintel(t, "layout", "A.cpy", "--with", "in", "--hex")
	if diff := cmp.Diff(want, got.Stdout); diff != "" {
		t.Errorf("layout (-want +got)\n%s%s", diff, got.Stderr)
	}
}

// failingWriter fails after some bytes.
type failingWriter struct{ left int }

func (f *failingWriter) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errors.New("no space left")
	}
	return len(p), nil
}

// TestDecodeOutputFails ends with an exit code of its own when the output cannot be written.
func TestDecodeOutputFails(t *testing.T) {
	write(t, map[string]string{
		"A.cpy": "       01  R.\n           05  A PIC 9.\n", "in": strings.Repeat("\xf1", 100_000), "in.jsonl": strings.Repeat("{\"a\":1}\n", 100_000),
	})
	for _, args := range []string{"decode A.cpy in", "decode A.cpy in --trace", "encode A.cpy in.jsonl", "layout A.cpy", "layout A.cpy --output svg", "layout A.cpy --output json"} {
		var talk bytes.Buffer
		if code := run(t.Context(), strings.Fields(args), &failingWriter{left: 10}, &talk); code != exitLoad || !strings.Contains(talk.String(), "cannot be written") {
			t.Errorf("lintel %s: exit code %d, %s", args, code, talk.String())
		}
	}
}

// TestDecodeHexText reads hexadecimal digits in any form.
func TestDecodeHexText(t *testing.T) {
	got, err := io.ReadAll(newHexReader(strings.NewReader(" C1c2\r\n\tc 3\n")))
	if err != nil || !bytes.Equal(got, []byte{0xC1, 0xC2, 0xC3}) {
		t.Errorf("%x, %v", got, err)
	}
	for text, want := range map[string]string{"c1c": "odd number of digits", "c1 g2": "character 4 is no hexadecimal digit"} {
		if _, err := io.ReadAll(newHexReader(strings.NewReader(text))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}

// FuzzDecodeTrace takes any bytes apart by a record with tables, alternatives and a variable end: every field it
// shows lies within the record, and what decodes is shown without an error that stops it.
func FuzzDecodeTrace(f *testing.F) {
	f.Add([]byte("\xf2\xc1\xf1\xf2\xc2\xf3\xf4\xc3\xc4\xc5"))
	f.Add([]byte{})
	dir := f.TempDir()
	book := dir + "/T.cpy"
	src := "       01  R.\n           05  N PIC 9.\n           05  T OCCURS 0 TO 3 DEPENDING ON N.\n              10  A PIC X.\n              10  B PIC 9 OCCURS 2.\n" +
		"           05  C PIC X(2).\n           05  D REDEFINES C PIC S9(3) COMP-3.\n           05  FILLER PIC X.\n"
	if err := os.WriteFile(book, []byte(src), 0o600); err != nil {
		f.Fatal(err)
	}
	p := &program{stdout: io.Discard, stderr: io.Discard, env: noEnv}
	o, err := p.openRecord(book, "", &optionFlags{given: optionValues{}})
	if err != nil {
		f.Fatal(err)
	}
	tr, err := newTracer(o)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, rec []byte) {
		fields, problem := tr.trace(rec)
		for _, x := range fields {
			if x.offset < 0 || x.offset+len(x.raw) > len(rec) || !bytes.Equal(x.raw, rec[x.offset:x.offset+len(x.raw)]) {
				t.Fatalf("field %s at %d is not in the record", x.name, x.offset)
			}
		}
		if _, err := o.codec.DecodeJSON(nil, rec); err == nil && problem != nil {
			t.Fatalf("the record decodes, and the trace stops: %v", problem)
		}
	})
}

// FuzzRecordOptions reads anything as an options file: no panic, and findings have a place.
func FuzzRecordOptions(f *testing.F) {
	f.Add("\"*\": {blanks: zero, replacing: [==A== BY ==B==]}\nR: {framing: rdw, fill: \"40\"}\nA: {trim: both}\n")
	f.Add("\"*\": {leftMargin: 80, century: 0}\n")
	f.Fuzz(func(t *testing.T, text string) {
		const file = "options.yaml"
		r, findings := parseOptionsFile(file, []byte(text))
		for _, x := range findings {
			if x.File != file || x.Message == "" {
				t.Errorf("finding without a place: %+v", x)
			}
		}
		if findings.HasErrors() {
			return
		}
		all, own := optionsFor(r, "R", true)
		if _, err := resolveOptions(recordSettings{}, all, own); err != nil && err.Error() == "" {
			t.Error("an error without words")
		}
	})
}
