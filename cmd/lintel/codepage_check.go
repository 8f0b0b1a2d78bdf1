// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"lintel/transforms/codepage"
)

// codePageCheck is the flags of lintel codepage check.
type codePageCheck struct {
	p    *program
	page string
	host bool
}

func newCodePageCheck(p *program) *cobra.Command {
	c := &codePageCheck{p: p}
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Tell which characters of a text a code page does not have",
		Long: `Check reads a text in UTF-8 (- for standard input) and tells which of its characters the code page does not
have, how often and where first, and which pages of the same family have all of them. With --host the file has bytes of
a host, and check tells which of them the page gives no character to.
Exit code 0: all have a place; 1: some have none; 2: wrong usage; 3: the file cannot be read.`,
		Example: `  lintel codepage check names.txt --codepage cp1140
  lintel codepage check --host extract.bin --codepage cp1047
  lintel codepage check - --codepage cp273 < texts.json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			page, err := codepage.Lookup(c.page)
			if err != nil {
				return usageError("%v", err)
			}
			in, done, err := openInput(cmd.Context(), cmd.InOrStdin(), args[0])
			if err != nil {
				return err
			}
			defer done()
			if c.host {
				return c.hostBytes(bufio.NewReader(in), page)
			}
			return c.text(bufio.NewReader(in), page)
		},
	}
	cmd.Flags().StringVar(&c.page, "codepage", "cp037", "`PAGE` that the text is for")
	cmd.Flags().BoolVar(&c.host, "host", false, "the file has bytes of a host, not text")
	return cmd
}

// unmapped is a character without bytes, or a byte without a character.
type unmapped struct {
	What  string `json:"what"`
	Count int    `json:"count"`
	// Line and Column are the place of the first in a text, Offset in bytes.
	Line   int   `json:"line,omitempty"`
	Column int   `json:"column,omitempty"`
	Offset int64 `json:"offset"`
	shown  string
}

// text checks a text character by character.
func (c *codePageCheck) text(in *bufio.Reader, page *codepage.Page) error {
	found := map[rune]*unmapped{}
	seen := map[rune]bool{}
	line, column := 1, 0
	for offset := int64(0); ; {
		r, n, err := in.ReadRune()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return &exitError{code: exitLoad, err: err}
		}
		if r == utf8.RuneError && n == 1 {
			return &exitError{code: exitFindings, err: fmt.Errorf("the text is not UTF-8 at byte %d (line %d); for bytes of a host use --host", offset, line)}
		}
		column++
		seen[r] = true
		if !page.Has(r) {
			if found[r] == nil {
				found[r] = &unmapped{What: fmt.Sprintf("U+%04X", r), Line: line, Column: column, Offset: offset, shown: runeWords(r)}
			}
			found[r].Count++
		}
		offset += int64(n)
		if r == '\n' {
			line, column = line+1, 0
		}
	}
	var list []*unmapped
	for _, u := range found {
		list = append(list, u)
	}
	return c.told(list, page, c.pagesWith(seen, page))
}

// pagesWith are the pages of the same family that have all characters.
func (c *codePageCheck) pagesWith(seen map[rune]bool, page *codepage.Page) []string {
	out := []string{}
	for _, name := range codepage.Names() {
		other, err := codepage.Lookup(name)
		if err != nil || other.EBCDIC() != page.EBCDIC() {
			continue
		}
		all := true
		for r := range seen {
			all = all && other.Has(r)
		}
		if all {
			out = append(out, name)
		}
	}
	return out
}

// hostBytes checks the bytes of a host. In pages with double bytes the first one that is not well formed ends it.
func (c *codePageCheck) hostBytes(in *bufio.Reader, page *codepage.Page) error {
	if page.Multibyte() {
		b, err := readAtMost(in, maxDraftFile)
		if err != nil {
			return &exitError{code: exitLoad, err: err}
		}
		var wrong *codepage.DecodeError
		if _, err := page.AppendDecode(nil, b); errors.As(err, &wrong) {
			u := &unmapped{What: wrong.Reason.Error(), Count: 1, Offset: int64(wrong.Offset), shown: wrong.Reason.Error()}
			return c.told([]*unmapped{u}, page, nil)
		}
		return c.told(nil, page, nil)
	}
	found := map[byte]*unmapped{}
	for offset := int64(0); ; offset++ {
		b, err := in.ReadByte()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return &exitError{code: exitLoad, err: err}
		}
		if page.Assigned(b) {
			continue
		}
		if found[b] == nil {
			what := fmt.Sprintf("X'%02X'", b)
			found[b] = &unmapped{What: what, Offset: offset, shown: what}
		}
		found[b].Count++
	}
	var list []*unmapped
	for _, u := range found {
		list = append(list, u)
	}
	return c.told(list, page, nil)
}

func (c *codePageCheck) told(list []*unmapped, page *codepage.Page, pages []string) error {
	slices.SortFunc(list, func(a, b *unmapped) int { return int(a.Offset - b.Offset) })
	if err := c.print(list, page, pages); err != nil {
		return err
	}
	if len(list) > 0 {
		return &exitError{code: exitFindings, err: errors.New("some have no place in the page"), silent: true}
	}
	return nil
}

func (c *codePageCheck) print(list []*unmapped, page *codepage.Page, pages []string) error {
	if c.p.output == "json" {
		if list == nil {
			list = []*unmapped{}
		}
		report := map[string]any{"formatVersion": "1.0", "page": page.Name(), "unmapped": list}
		if !c.host {
			report["pages"] = pages
		}
		return c.p.printJSON(report)
	}
	var b strings.Builder
	for _, u := range list {
		place := fmt.Sprintf("offset %d", u.Offset)
		if u.Line > 0 {
			place = fmt.Sprintf("line %d, column %d", u.Line, u.Column)
		}
		fmt.Fprintf(&b, "%s: %s, the first at %s\n", u.shown, count(u.Count, "time"), place)
	}
	kind := "character"
	if c.host {
		kind = "byte"
	}
	if len(list) == 0 {
		fmt.Fprintf(&b, "%s: all %ss have a place\n", page.Name(), kind)
	} else {
		fmt.Fprintf(&b, "%s: %s without a place\n", page.Name(), count(len(list), kind))
	}
	if !c.host && len(list) > 0 {
		words := "no page of the family"
		if len(pages) > 0 {
			words = strings.Join(pages, ", ")
		}
		fmt.Fprintf(&b, "all of them are in: %s\n", words)
	}
	_, err := fmt.Fprint(c.p.stdout, b.String())
	return err
}
