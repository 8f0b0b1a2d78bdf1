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
		pages = append(pages, page{
			name: col[0], number: number, class: col[2], kind: kind, source: source,
			iconv: col[4], aliases: col[5], about: col[6],
		})
	}
	return pages, nil
}
