// SPDX-License-Identifier: Apache-2.0

package oracle_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// failure is a difference between COBOL and us.
type failure struct {
	l *layout
	// check is what was compared, round which values were in the fields (-1 for places).
	check  string
	round  int
	detail string
}

// script is the input of a program and who judges each part of its output.
type script struct {
	bytes.Buffer
	judges   []func(lines []string) *failure
	wanted   []int
	failures []*failure
}

// expect adds a judge for the next n lines of output.
func (s *script) expect(n int, judge func(lines []string) *failure) {
	s.wanted = append(s.wanted, n)
	s.judges = append(s.judges, judge)
}

// errOutput is a program that does not print what it should, so that it loops by other counters than ours.
var errOutput = errors.New("output of the COBOL program")

// judge hands the output out. Of each layout the first failure counts.
func (s *script) judge(lines []string) ([]*failure, error) {
	failed := map[*layout]bool{}
	out := s.failures
	for _, f := range out {
		failed[f.l] = true
	}
	for i, n := range s.wanted {
		if n > len(lines) {
			return out, fmt.Errorf("%w: too little, %d parts of %d", errOutput, i, len(s.wanted))
		}
		if f := s.judges[i](lines[:n]); f != nil && !failed[f.l] {
			failed[f.l] = true
			out = append(out, f)
		}
		lines = lines[n:]
	}
	if len(lines) > 0 {
		return out, fmt.Errorf("%w: %d lines too many", errOutput, len(lines))
	}
	return out, nil
}

// add writes the commands for one layout.
func (s *script) add(index int, c *compiled, rounds int) {
	s.addPlaces(index, c)
	for n := range rounds {
		r := round{c.layout, n}
		choices := ""
		for _, b := range c.blocks() {
			choices += strconv.Itoa(r.choice(b))
		}
		mine, err := c.codec.EncodeJSON(nil, []byte(r.json()))
		if err != nil {
			s.failures = append(s.failures, &failure{c.layout, "encode", n, err.Error() + "\n" + r.json()})
			continue
		}
		s.addFill(index, c, r, choices, mine)
		s.addRead(index, c, r, choices, mine)
	}
}

// addPlaces compares offset and length of every item.
func (s *script) addPlaces(index int, c *compiled) {
	fmt.Fprintf(s, "P-%04d\n", index)
	var want []string
	for _, it := range c.items() {
		if it.filler {
			continue
		}
		for i := range it.ends() {
			offset := it.laid.Offset
			if i == 1 {
				for _, t := range it.tables() {
					offset += (t.occurs.max - 1) * t.laid.Size
				}
			}
			want = append(want, fmt.Sprintf("%-32s%09d %09d", it.id(), offset, it.laid.Size))
		}
	}
	s.expect(len(want), func(lines []string) *failure {
		if d := cmp.Diff(lines, want); d != "" {
			return &failure{c.layout, "places", -1, "name, offset, length: - COBOL, + ours\n" + d}
		}
		return nil
	})
}

// addFill compares the bytes that MOVE makes with those of our encoder, and what we read in them.
func (s *script) addFill(index int, c *compiled, r round, choices string, mine []byte) {
	for _, fill := range []string{"L", "H"} {
		fmt.Fprintf(s, "W%s%04d %s\n", fill, index, choices)
		r.fields(func(it *item, occ []int) { s.value(it, r.of(it, occ)) })
	}
	s.expect(2, func(lines []string) *failure {
		low, err := recordBytes(lines[0])
		high, err2 := recordBytes(lines[1])
		if err != nil || err2 != nil {
			return &failure{c.layout, "output", r.n, fmt.Sprintf("%v %v", lines, err)}
		}
		if d := sameBytes(low, high, mine, r); d != "" {
			return &failure{c.layout, "bytes", r.n, d + "\n" + r.json()}
		}
		if d := c.decodes(low, r); d != "" {
			return &failure{c.layout, "decode", r.n, d + "\nbytes " + hexText(low)}
		}
		return nil
	})
}

// value writes a line of input.
func (s *script) value(it *item, v value) {
	if it.kind == opaque {
		return
	}
	if _, is := it.shape(); is {
		s.WriteString(v.line + "\n")
		return
	}
	line := v.line
	if line == "" {
		line = " "
	}
	b := latin1(line)
	fmt.Fprintf(s, "%04d%s\n", len(b), b)
}

func latin1(s string) []byte {
	var out []byte
	for _, r := range s {
		out = append(out, byte(r))
	}
	return out
}

func recordBytes(line string) ([]byte, error) {
	size, text, found := strings.Cut(line, " ")
	if !found {
		return nil, fmt.Errorf("no record")
	}
	n, err := strconv.Atoi(size)
	if err != nil {
		return nil, err
	}
	raw, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(raw) != n {
		return nil, fmt.Errorf("%d bytes of %d: %w", len(raw), n, err)
	}
	return raw, nil
}

func hexText(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }

// sameBytes compares the bytes that belong to a filled field: those that are the same whatever was in
// the record before. Their number must be that of the fields.
func sameBytes(low, high, mine []byte, r round) string {
	if len(low) != len(mine) {
		return fmt.Sprintf("COBOL's record has %d bytes, ours %d\nCOBOL %s\nours  %s", len(low), len(mine), hexText(low), hexText(mine))
	}
	var diff []byte
	same, filled := 0, 0
	for i := range low {
		switch {
		case low[i] != high[i]:
			diff = append(diff, "  "...)
			continue
		case low[i] != mine[i]:
			diff = append(diff, "^^"...)
		default:
			diff = append(diff, "  "...)
		}
		filled++
	}
	r.fields(func(it *item, _ []int) {
		if it.kind != opaque {
			same += it.laid.Size
		}
	})
	if mark := strings.TrimRight(string(diff), " "); mark != "" || same != filled {
		return fmt.Sprintf("the fields have %d bytes, COBOL filled %d\nCOBOL %s\nours  %s\n      %s", same, filled, hexText(low), hexText(mine), mark)
	}
	return ""
}

// decodes compares what we read with what was written. Of a REDEFINES block it looks at the
// alternative that was filled only: what the others make of its bytes is anybody's guess.
func (c *compiled) decodes(raw []byte, r round) string {
	out, err := c.codec.DecodeJSON(nil, raw)
	if err != nil {
		return err.Error()
	}
	got, err := tree(out)
	if err != nil {
		return fmt.Sprintf("%v: %s", err, out)
	}
	want, err := tree([]byte(r.kept()))
	if err != nil {
		return fmt.Sprintf("%v: %s", err, r.kept())
	}
	r.prune(c.root, got)
	return cmp.Diff(want, got)
}

func tree(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}

// prune takes the alternatives away that were not filled.
func (r round) prune(g *item, v any) {
	object, is := v.(map[string]any)
	if !is {
		return
	}
	for _, it := range g.kids {
		switch {
		case it.filler && it.isGroup():
			r.prune(it, v)
			continue
		case it.filler:
			continue
		case !r.chosen(it):
			delete(object, jsonName(it))
			continue
		}
		if list, is := object[jsonName(it)].([]any); is {
			for _, entry := range list {
				r.prune(it, entry)
			}
			continue
		}
		r.prune(it, object[jsonName(it)])
	}
}

// addRead compares what COBOL reads in our bytes.
func (s *script) addRead(index int, c *compiled, r round, choices string, mine []byte) {
	fmt.Fprintf(s, "R-%04d %s\n%04d%s\n", index, choices, len(mine), hexText(mine))
	want := []string{}
	r.fields(func(it *item, occ []int) {
		if it.kind == opaque {
			return
		}
		v := r.of(it, occ)
		line := string(latin1(v.print))
		switch {
		case it.asText:
			want = append(want, it.id()+" ") // the bytes have been compared
			return
		case it.justified:
			line = strings.Repeat(" ", it.laid.Size-len(line)) + line
		}
		want = append(want, it.id()+" "+strings.TrimRight(line, " "))
	})
	s.expect(len(want), func(lines []string) *failure {
		got := make([]string, len(lines))
		for i, line := range lines {
			name, _, _ := strings.Cut(want[i], " ")
			if want[i] == name+" " && c.textOnly(name) {
				line = ""
			}
			got[i] = name + " " + strings.TrimRight(line, " ")
		}
		if d := cmp.Diff(want, got); d != "" {
			return &failure{c.layout, "read", r.n, "- written, + read by COBOL\n" + d + "\nbytes " + hexText(mine)}
		}
		return nil
	})
}

// textOnly tells that COBOL reads an item as text only.
func (l *layout) textOnly(name string) bool {
	found := false
	l.root.each(func(it *item) { found = found || it.id() == name && it.asText })
	return found
}
