// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"unicode/utf16"
)

// unassigned marks a byte without a character; package codepage fills it.
const unassigned = '\uFFFD'

// singleTables returns the table of single bytes of every page, by its name.
func singleTables(ctx context.Context, pages []page, dump *icuDump) (map[string][]rune, error) {
	tables := map[string][]rune{}
	for _, p := range pages {
		if p.kind == "latin9" {
			continue
		}
		t, err := singleTable(ctx, p, dump)
		if err != nil {
			return nil, fmt.Errorf("page %s: %w", p.name, err)
		}
		tables[p.name] = t
	}
	for _, p := range pages {
		if p.kind == "latin9" {
			tables[p.name] = toLatin9(tables[p.source])
		}
		for b, r := range p.correct {
			tables[p.name][b] = r
		}
	}
	return tables, nil
}

func singleTable(ctx context.Context, p page, dump *icuDump) ([]rune, error) {
	if p.kind == "iconv" {
		return iconvTable(ctx, p.source)
	}
	c := dump.converters[p.source]
	if c == nil {
		return nil, fmt.Errorf("no ICU converter %s", p.source)
	}
	t := make([]rune, 256)
	for b := range t {
		r, ok := c.single[byte(b)]
		if !ok {
			r = unassigned
		}
		t[b] = r
	}
	if p.kind == "sbcs" { // alone, the shift bytes are plain controls
		t[0x0E], t[0x0F] = 0x0E, 0x0F
	}
	if p.class == "A" { // IBM's PC tables rotate SUB, FS and DEL; everybody else keeps ASCII
		for _, b := range []rune{0x1A, 0x1C, 0x7F} {
			t[b] = b
		}
	}
	return t, nil
}

// iconvTable asks glibc for each byte by itself: 256 short runs of iconv.
func iconvTable(ctx context.Context, name string) ([]rune, error) {
	t := make([]rune, 256)
	for b := range t {
		cmd := exec.CommandContext(ctx, "iconv", "-f", name, "-t", "UTF-16BE")
		cmd.Stdin = bytes.NewReader([]byte{byte(b)})
		out, err := cmd.Output()
		switch {
		case err != nil || len(out) == 0:
			t[b] = unassigned
		case len(out) == 2 && !utf16.IsSurrogate(rune(out[0])<<8):
			t[b] = rune(out[0])<<8 | rune(out[1])
		default:
			return nil, fmt.Errorf("iconv %s: byte %02X gives %d bytes", name, b, len(out))
		}
	}
	if t['\x40'] != ' ' {
		return nil, fmt.Errorf("iconv does not know %s", name)
	}
	return t, nil
}

// toLatin9 changes the eight characters in which ISO 8859-15 differs from ISO 8859-1.
func toLatin9(t []rune) []rune {
	change := map[rune]rune{
		0xA4: 0x20AC, 0xA6: 0x160, 0xA8: 0x161, 0xB4: 0x17D,
		0xB8: 0x17E, 0xBC: 0x152, 0xBD: 0x153, 0xBE: 0x178,
	}
	out := make([]rune, len(t))
	for b, r := range t {
		if to, ok := change[r]; ok {
			r = to
		}
		out[b] = r
	}
	return out
}
