// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// page is one line of pages.txt.
type page struct {
	name    string
	number  int
	class   string // E, M or A
	kind    string // icu, sbcs, iconv or latin9
	source  string // what kind names
	correct map[byte]rune
	iconv   string
	aliases string
	about   string
}

func readPages(path string) ([]page, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var pages []page
	for i, line := range strings.Split(string(text), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		col := strings.Split(line, "|")
		if len(col) != 7 {
			return nil, fmt.Errorf("%s:%d: %d columns, want 7", path, i+1, len(col))
		}
		number, err := strconv.Atoi(col[1])
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, i+1, err)
		}
		kind, source, ok := strings.Cut(col[3], ":")
		if !ok || !strings.Contains("EMA", col[2]) {
			return nil, fmt.Errorf("%s:%d: unknown class or source", path, i+1)
		}
		source, list, _ := strings.Cut(source, ";")
		correct, err := corrections(list)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, i+1, err)
		}
		pages = append(pages, page{
			name: col[0], number: number, class: col[2], kind: kind, source: source, correct: correct,
			iconv: col[4], aliases: col[5], about: col[6],
		})
	}
	return pages, nil
}

// corrections reads a list like 41=00A0,B7=00B7.
func corrections(list string) (map[byte]rune, error) {
	out := map[byte]rune{}
	if list == "" {
		return out, nil
	}
	for _, item := range strings.Split(list, ",") {
		code, point, _ := strings.Cut(item, "=")
		b, err := strconv.ParseUint(code, 16, 8)
		if err != nil {
			return nil, err
		}
		r, err := strconv.ParseUint(point, 16, 16)
		if err != nil {
			return nil, err
		}
		out[byte(b)] = rune(r)
	}
	return out, nil
}
