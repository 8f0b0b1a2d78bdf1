// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"strings"

	"lintel/transforms/copybook"
)

// sourceOptions say how the text of a copybook is read.
func sourceOptions() []recordOption {
	options := []recordOption{
		wordOption(recordOption{
			key: "format", words: []string{"auto", "fixed", "free"}, def: "auto",
			doc: "reference format of the copybook",
		}, func(s *recordSettings, i int) { s.book.Format = copybook.Format(i) }),
		intOption(recordOption{key: "leftMargin", def: "7", doc: "indicator column of fixed format"},
			1, 1000, func(s *recordSettings) *int { return &s.book.LeftMargin }),
		intOption(recordOption{key: "rightMargin", def: "72", doc: "last column of the text in fixed format"},
			2, 1000, func(s *recordSettings) *int { return &s.book.RightMargin }),
		textOption(recordOption{
			key: "replacing", arg: "'==FROM== BY ==TO=='", list: true, def: "none",
			doc: "replacement in the text of the copybook, as by COPY REPLACING; LEADING or TRAILING may stand in front; may be given several times",
		}, addReplacement),
		textOption(recordOption{
			key: "searchPath", arg: "DIR", list: true, def: "none",
			doc: "folder where COPY looks for books, after the folder of the book that copies; may be given several times",
		}, func(s *recordSettings, text string) error {
			s.book.SearchPath = append(s.book.SearchPath[:len(s.book.SearchPath):len(s.book.SearchPath)], text)
			return nil
		}),
		boolOption(recordOption{key: "decimalComma", doc: "comma and point exchange their meaning, as by DECIMAL-POINT IS COMMA"},
			func(s *recordSettings) *bool { return &s.book.DecimalComma }),
		textOption(recordOption{key: "currency", arg: "SIGN", def: "$", doc: "currency sign of pictures, beside $"},
			func(s *recordSettings, text string) error {
				s.book.Currency = text
				return nil
			}),
		textOption(recordOption{key: "bookCodepage", arg: "NAME", def: "UTF-8", doc: "character encoding of the copybook's text"},
			setBookPage),
		boolOption(recordOption{key: "sequential", doc: "the level 01 entries of a book follow each other in one record"},
			func(s *recordSettings) *bool { return &s.book.Sequential }),
	}
	for i := range options {
		options[i].group = groupSource
	}
	return options
}

func setBookPage(s *recordSettings, text string) error {
	page, err := pageOf(text)
	if err != nil {
		return err
	}
	s.book.Decode = func(src []byte) ([]byte, error) { return page.AppendDecode(nil, src) }
	return nil
}

// addReplacement reads "[LEADING|TRAILING] ==FROM== BY ==TO==".
func addReplacement(s *recordSettings, text string) error {
	wrong := errors.New("must have the form ==FROM== BY ==TO==, with LEADING or TRAILING in front where it is for parts of words")
	r := copybook.Replacement{}
	rest := strings.TrimSpace(text)
	for mode, word := range map[copybook.ReplaceMode]string{copybook.ReplaceLeading: "LEADING", copybook.ReplaceTrailing: "TRAILING"} {
		if len(rest) > len(word) && strings.EqualFold(rest[:len(word)], word) {
			r.Mode, rest = mode, strings.TrimSpace(rest[len(word):])
			break
		}
	}
	parts := strings.Split(rest, "==")
	if len(parts) != 5 || parts[0] != "" || parts[4] != "" || !strings.EqualFold(strings.TrimSpace(parts[2]), "BY") {
		return wrong
	}
	r.From, r.To = parts[1], parts[3]
	if strings.TrimSpace(r.From) == "" {
		return fmt.Errorf("%w: FROM is empty", wrong)
	}
	s.book.Replacing = append(s.book.Replacing[:len(s.book.Replacing):len(s.book.Replacing)], r)
	return nil
}
