// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// bookDrawer draws copybooks.
type bookDrawer struct {
	t     *rapid.T
	b     strings.Builder
	names int
}

func (d *bookDrawer) name() string {
	d.names++
	return fmt.Sprintf("%s-%d", rapid.SampledFrom([]string{"ACCT", "NAME", "CODE", "X"}).Draw(d.t, "word"), d.names)
}

func (d *bookDrawer) line(level int, format string, args ...any) {
	fmt.Fprintf(&d.b, "%s%02d %s.\n", strings.Repeat(" ", 7), level, fmt.Sprintf(format, args...))
}

func (d *bookDrawer) picture() string {
	return rapid.SampledFrom([]string{
		"PIC X", "PIC X(12)", "PIC 9(4)", "PIC S9(7)V99", "PIC S9(9) COMP", "PIC 9(2) COMP", "PIC S9(11)V99 COMP-3", "PIC 9(8) COMP-3",
		"PIC S9(4) SIGN LEADING SEPARATE", "PIC ZZZ9.99-", "PIC S9(18) COMP-5", "PIC 9(3)PP", "PIC VPP9(3)", "PIC A(5)", "COMP-1", "COMP-2",
		"PIC X(6) JUSTIFIED RIGHT", "PIC S9(5) SYNC COMP", "PIC 9(5) BLANK WHEN ZERO", "PIC X(3) VALUE 'ABC'", "PIC 9(3) VALUE 7", "PIC XXBXX",
	}).Draw(d.t, "picture")
}

func (d *bookDrawer) items(level, depth int) {
	for range rapid.IntRange(1, 4).Draw(d.t, "items") {
		d.item(level, depth)
	}
}

func (d *bookDrawer) item(level, depth int) {
	kind := rapid.IntRange(0, 8).Draw(d.t, "kind")
	switch {
	case kind == 0:
		d.line(level, "FILLER PIC X(%d)", rapid.IntRange(1, 5).Draw(d.t, "filler"))
	case kind == 1 && depth < 3:
		d.line(level, "%s", d.name())
		d.items(level+5, depth+1)
	case kind == 2 && depth < 3:
		d.line(level, "%s OCCURS %d TIMES", d.name(), rapid.IntRange(1, 4).Draw(d.t, "times"))
		d.items(level+5, depth+1)
	case kind == 3:
		d.line(level, "%s %s OCCURS 3 TIMES", d.name(), "PIC S9(3) COMP-3")
	case kind == 4 && depth == 0:
		counter := d.name()
		d.line(level, "%s PIC 9(2)", counter)
		d.line(level, "%s OCCURS 0 TO 5 DEPENDING ON %s", d.name(), counter)
		d.items(level+5, depth+1)
	case kind == 5:
		d.line(level, "%s PIC X", d.name())
		d.line(88, "%s VALUE 'A'", d.name())
		if rapid.Bool().Draw(d.t, "second value") {
			d.line(88, "%s VALUE 'B'", d.name())
		}
	case kind == 6:
		first := d.name()
		d.line(level, "%s PIC X(8)", first)
		d.line(level, "%s REDEFINES %s PIC 9(4)", d.name(), first)
	default:
		d.line(level, "%s %s", d.name(), d.picture())
	}
}

// TestImportRandom imports random copybooks: what import writes passes check, and its test passes.
func TestImportRandom(t *testing.T) {
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		d := &bookDrawer{t: rt}
		for _, record := range []string{"THE-REQUEST", "THE-REPLY"} {
			d.line(1, "%s", record)
			d.items(5, 0)
		}
		n++
		book := filepath.Join(dir, fmt.Sprintf("B%d.cpy", n))
		if err := os.WriteFile(book, []byte(d.b.String()), 0o600); err != nil {
			rt.Fatal(err)
		}
		ws := filepath.Join(dir, fmt.Sprint("ws", n))
		operation := rapid.SampledFrom([]string{"GET /things", "POST /things", "PUT /things"}).Draw(rt, "operation")
		args := []string{"import", "copybook", book, "--operation", operation, "--dir", ws, "--yes"}
		if out, code := lintel(t, args...); code != exitOK {
			rt.Fatalf("exit code %d\n%s\n%s", code, out, d.b.String())
		}
		for _, command := range []string{"check", "test"} {
			if out, code := lintel(t, command, ws); code != exitOK {
				rt.Fatalf("%s: exit code %d\n%s\n%s", command, code, out, d.b.String())
			}
		}
		_ = os.RemoveAll(ws)
	})
}
