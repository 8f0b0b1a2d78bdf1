// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// double is what a pair of bytes stands for.
type double struct {
	runes []rune
	back  bool // the runes encode to this very pair
}

// converter is the mapping of one ICU converter.
type converter struct {
	single map[byte]rune
	double map[uint16]double
}

// icuDump is the output of icudump.
type icuDump struct {
	version    string
	converters map[string]*converter
}

func runICU(ctx context.Context, source string, pages []page) (*icuDump, error) {
	tmp, err := os.MkdirTemp("", "icudump")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	flags, err := exec.CommandContext(ctx, "pkg-config", "--cflags", "--libs", "icu-uc").Output()
	if err != nil {
		return nil, fmt.Errorf("pkg-config icu-uc (package libicu-dev): %w", err)
	}
	program := filepath.Join(tmp, "icudump")
	args := append([]string{"-O2", "-Wall", "-o", program, source}, strings.Fields(string(flags))...)
	if out, err := exec.CommandContext(ctx, "cc", args...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("cc: %w\n%s", err, out)
	}
	cmd := exec.CommandContext(ctx, program)
	cmd.Stdin = strings.NewReader(requests(pages))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("icudump: %w\n%s", err, stderr.Bytes())
	}
	return parseDump(string(out))
}

// requests names the converters that the pages need, each once.
func requests(pages []page) string {
	var b strings.Builder
	seen := map[string]bool{}
	for _, p := range pages {
		kind := "S"
		switch {
		case p.kind == "sbcs" || p.class == "M":
			kind = "M"
		case p.kind != "icu":
			continue
		}
		if !seen[p.source] {
			seen[p.source] = true
			fmt.Fprintf(&b, "%s %s\n", kind, p.source)
		}
	}
	return b.String()
}

func parseDump(text string) (*icuDump, error) {
	dump := &icuDump{converters: map[string]*converter{}}
	var now *converter
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		f := strings.Fields(line)
		var err error
		switch {
		case len(f) == 2 && f[0] == "V":
			dump.version = f[1]
		case len(f) == 2 && f[0] == "P":
			now = &converter{single: map[byte]rune{}, double: map[uint16]double{}}
			dump.converters[f[1]] = now
		case len(f) >= 4 && now != nil:
			err = now.add(f)
		default:
			err = fmt.Errorf("not understood")
		}
		if err != nil {
			return nil, fmt.Errorf("icudump line %d: %w", i+1, err)
		}
	}
	return dump, nil
}

// add takes one mapping line, S or D.
func (c *converter) add(f []string) error {
	code, err := strconv.ParseUint(f[1], 16, 16)
	if err != nil {
		return err
	}
	var runes []rune
	for _, hex := range f[3:] {
		r, err := strconv.ParseUint(hex, 16, 32)
		if err != nil {
			return err
		}
		runes = append(runes, rune(r))
	}
	switch {
	case f[0] == "D":
		c.double[uint16(code)] = double{runes: runes, back: f[2] == "="}
	case len(runes) != 1:
		return fmt.Errorf("byte %s stands for %d code points", f[1], len(runes))
	case f[2] == "=": // a byte that only decodes would break the bijection and counts as unassigned
		c.single[byte(code)] = runes[0]
	}
	return nil
}
