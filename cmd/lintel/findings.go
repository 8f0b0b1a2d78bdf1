// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode"

	"lintel/specs"
)

// printFindings prints findings for people: place, message, the line with a caret, and a hint.
func printFindings(w io.Writer, ws *specs.Workspace, list specs.Findings) error {
	lines := map[string][]string{}
	for _, f := range list {
		if _, err := fmt.Fprintln(w, f.String()); err != nil {
			return err
		}
		if text, ok := sourceLine(ws, lines, f.Pos); ok {
			caret := ""
			if f.Column > 0 {
				caret = "\n      | " + indent(text, f.Column-1) + "^"
			}
			if _, err := fmt.Fprintf(w, "%5d | %s%s\n", f.Line, text, caret); err != nil {
				return err
			}
		}
		if f.Hint != "" {
			if _, err := fmt.Fprintf(w, "  try: %s\n", f.Hint); err != nil {
				return err
			}
		}
	}
	return nil
}

// sourceLine reads the line a finding is about; characters that a terminal might obey are replaced.
func sourceLine(ws *specs.Workspace, cache map[string][]string, pos specs.Pos) (string, bool) {
	if ws == nil || ws.FS == nil || pos.Line < 1 {
		return "", false
	}
	lines, ok := cache[pos.File]
	if !ok {
		if src, err := fs.ReadFile(ws.FS, pos.File); err == nil {
			lines = strings.Split(strings.ReplaceAll(string(src), "\r\n", "\n"), "\n")
		}
		cache[pos.File] = lines
	}
	if pos.Line > len(lines) {
		return "", false
	}
	const widest = 200
	text := []rune(lines[pos.Line-1])
	if len(text) > widest {
		text = text[:widest]
	}
	for i, r := range text {
		if !unicode.IsPrint(r) && r != '\t' {
			text[i] = '·'
		}
	}
	return string(text), pos.Column <= len(text)+1
}

// indent gives white space as wide as the first n characters of text: tabs stay tabs.
func indent(text string, n int) string {
	var b strings.Builder
	for i, r := range []rune(text) {
		if i >= n {
			break
		}
		if r == '\t' {
			b.WriteRune('\t')
			continue
		}
		b.WriteByte(' ')
	}
	return b.String()
}
