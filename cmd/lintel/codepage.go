// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"lintel/transforms/codepage"
)

func newCodePage(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "codepage",
		Short: "List code pages, show which byte is which character, and check texts",
		Example: `  lintel codepage list
  lintel codepage show cp1047
  lintel codepage check names.txt --codepage cp1140`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newCodePageList(p), newCodePageShow(p), newCodePageCheck(p))
	return cmd
}

// pageJSON describes a code page.
type pageJSON struct {
	Name      string `json:"name"`
	CCSID     int    `json:"ccsid,omitempty"`
	EBCDIC    bool   `json:"ebcdic"`
	Multibyte bool   `json:"multibyte"`
	About     string `json:"about"`
}

func newCodePageList(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the code pages",
		Example: "  lintel codepage list\n  lintel codepage list --output json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			pages := []pageJSON{}
			rows := [][]string{{"NAME", "CCSID", "FAMILY", "BYTES", "USED"}}
			for _, name := range codepage.Names() {
				page, err := codepage.Lookup(name)
				if err != nil {
					return err
				}
				j := pageJSON{page.Name(), page.CCSID(), page.EBCDIC(), page.Multibyte(), page.About()}
				pages = append(pages, j)
				row := []string{j.Name, "", "ASCII", "1", j.About}
				if j.CCSID > 0 {
					row[1] = strconv.Itoa(j.CCSID)
				}
				if j.EBCDIC {
					row[2] = "EBCDIC"
				}
				if j.Multibyte {
					row[3] = "1 to 4"
					if j.EBCDIC {
						row[3] = "1 or 2"
					}
				}
				rows = append(rows, row)
			}
			if p.output == "json" {
				return p.printJSON(map[string]any{"formatVersion": "1.0", "pages": pages})
			}
			return printColumns(p.stdout, rows, 1)
		},
	}
}

// byteJSON is what one byte stands for.
type byteJSON struct {
	Byte      string `json:"byte"`
	CodePoint string `json:"codePoint"`
	Text      string `json:"text,omitempty"`
	Assigned  bool   `json:"assigned"`
	// Other is what the byte stands for in the page of --with.
	Other string `json:"other,omitempty"`
}

func newCodePageShow(p *program) *cobra.Command {
	with := ""
	cmd := &cobra.Command{
		Use:   "show PAGE [CHARACTER]...",
		Short: "Show which byte is which character",
		Long: `Show prints the table of a code page: the high half of a byte down, the low half across. With characters it prints
their bytes only; a character is itself, or U+20AC. With --with it lists the bytes that mean something else in another
page. Pages with double bytes have no table: ask for characters.
Exit code 0: fine; 1: a character is not in the page; 2: wrong usage.`,
		Example: `  lintel codepage show cp1047
  lintel codepage show cp1140 € U+00C4
  lintel codepage show cp037 --with cp1047`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			page, err := codepage.Lookup(args[0])
			if err != nil {
				return usageError("%v", err)
			}
			switch {
			case len(args) > 1 && with != "":
				return usageError("--with compares whole tables: give it no characters")
			case len(args) > 1:
				return p.showCharacters(page, args[1:])
			case page.Multibyte():
				return usageError("%s has characters of several bytes and no table: name the characters to show", page.Name())
			case with != "":
				other, err := codepage.Lookup(with)
				if err != nil || other.Multibyte() {
					return usageError("--with must be a page of single bytes, not %q", with)
				}
				return p.showDifferences(page, other)
			default:
				return p.showTable(page)
			}
		},
	}
	cmd.Flags().StringVar(&with, "with", "", "`PAGE` to compare with")
	return cmd
}

func (p *program) showTable(page *codepage.Page) error {
	table := page.DecodeTable()
	if p.output == "json" {
		return p.printBytes(page, func(int) string { return "" }, func(int) bool { return true })
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\n    ", page.Name(), page.About())
	for low := range 16 {
		fmt.Fprintf(&b, " %X ", low)
	}
	for high := range 16 {
		fmt.Fprintf(&b, "\n %X  ", high)
		for low := range 16 {
			c := high*16 + low
			fmt.Fprintf(&b, " %s ", pageCell(table[c], page.Assigned(byte(c))))
		}
	}
	b.WriteString("\n\n. is a control character, - a byte that the page does not assign, _ the blank.\n")
	_, err := fmt.Fprint(p.stdout, b.String())
	return err
}

// pageCell is a character as wide as one column.
func pageCell(r rune, assigned bool) string {
	switch {
	case !assigned:
		return "-"
	case r == ' ':
		return "_"
	case r < 0x20 || r >= 0x7F && r < 0xA0 || !hasShape(r):
		return "."
	default:
		return string(r)
	}
}

func hasShape(r rune) bool { return strconv.IsPrint(r) || r == 0xA0 || r == 0xAD }

func (p *program) printBytes(page *codepage.Page, other func(int) string, shown func(int) bool) error {
	list := []byteJSON{}
	for c, r := range page.DecodeTable() {
		if !shown(c) {
			continue
		}
		j := byteJSON{Byte: fmt.Sprintf("%02X", c), CodePoint: fmt.Sprintf("U+%04X", r), Assigned: page.Assigned(byte(c)), Other: other(c)}
		if strconv.IsPrint(r) {
			j.Text = string(r)
		}
		list = append(list, j)
	}
	return p.printJSON(map[string]any{"formatVersion": "1.0", "page": page.Name(), "bytes": list})
}

func (p *program) showDifferences(page, other *codepage.Page) error {
	a, b := page.DecodeTable(), other.DecodeTable()
	if p.output == "json" {
		return p.printBytes(page, func(c int) string { return fmt.Sprintf("U+%04X", b[c]) }, func(c int) bool { return a[c] != b[c] })
	}
	rows := [][]string{{"BYTE", page.Name(), other.Name()}}
	for c := range a {
		if a[c] != b[c] {
			rows = append(rows, []string{fmt.Sprintf("X'%02X'", c), runeWords(a[c]), runeWords(b[c])})
		}
	}
	if len(rows) == 1 {
		_, err := fmt.Fprintf(p.stdout, "%s and %s have the same characters\n", page.Name(), other.Name())
		return err
	}
	return printColumns(p.stdout, rows)
}

func runeWords(r rune) string {
	if strconv.IsPrint(r) {
		return fmt.Sprintf("U+%04X %c", r, r)
	}
	return fmt.Sprintf("U+%04X", r)
}

// showCharacters prints the bytes of characters.
func (p *program) showCharacters(page *codepage.Page, texts []string) error {
	type charJSON struct {
		CodePoint string `json:"codePoint"`
		Bytes     string `json:"bytes,omitempty"`
	}
	var list []charJSON
	missing := []string{}
	rows := [][]string{}
	for _, text := range texts {
		for _, r := range charactersOf(text) {
			j := charJSON{CodePoint: fmt.Sprintf("U+%04X", r)}
			words := "not in " + page.Name()
			if b, err := page.AppendEncode(nil, []byte(string(r))); err == nil {
				j.Bytes = fmt.Sprintf("%X", b)
				words = "X'" + j.Bytes + "'"
			} else if !slices.Contains(missing, j.CodePoint) {
				missing = append(missing, j.CodePoint)
			}
			list = append(list, j)
			rows = append(rows, []string{runeWords(r), words})
		}
	}
	var err error
	if p.output == "json" {
		err = p.printJSON(map[string]any{"formatVersion": "1.0", "page": page.Name(), "characters": list})
	} else {
		err = printColumns(p.stdout, rows)
	}
	if err == nil && len(missing) > 0 {
		err = &exitError{code: exitFindings, err: fmt.Errorf("%s does not have %s", page.Name(), strings.Join(missing, ", "))}
	}
	return err
}

// charactersOf reads U+20AC as a number, and anything else as the characters that it has.
func charactersOf(text string) []rune {
	if hex, ok := strings.CutPrefix(strings.ToUpper(text), "U+"); ok {
		if n, err := strconv.ParseUint(hex, 16, 21); err == nil {
			return []rune{rune(n)}
		}
	}
	return []rune(text)
}
