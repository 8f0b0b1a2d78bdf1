// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"lintel/specs"
)

// Format is the reference format of a source text.
type Format uint8

const (
	// Auto takes fixed form unless the text shows that it is free; a text that shows both is refused.
	Auto Format = iota
	// Fixed has a sequence area, an indicator column and a right margin.
	Fixed
	// Free has neither margins nor a sequence area.
	Free
)

// String gives the word used in messages and options: "auto", "fixed" or "free".
func (f Format) String() string {
	switch f {
	case Fixed:
		return "fixed"
	case Free:
		return "free"
	default:
		return "auto"
	}
}

// Options says how a book is read. The zero value reads UTF-8 text, finds the format by itself and
// lays out for z/OS.
type Options struct {
	// Dialect is the set of layout rules; one without a name is ZOS().
	Dialect Dialect
	Format  Format
	// LeftMargin is the indicator column of fixed form, counted from 1; default 7. The text begins in the
	// column behind it. RightMargin is the last column of the text; default 65 columns further on, which is 72.
	LeftMargin, RightMargin int
	// Decode, if set, turns the bytes of every book into UTF-8 before it is read: how copybooks in EBCDIC
	// are given. Nil means the bytes are UTF-8 (or UTF-16 with a byte order mark).
	Decode func([]byte) ([]byte, error)
	// Replacing is carried out on the text of the book, as if it had been copied with COPY ... REPLACING.
	Replacing []Replacement
	// Overrides give records or items another dialect than the book's.
	Overrides []Override
	// FS and SearchPath say where COPY finds books: in the folder of the book that copies, then in the folders of
	// SearchPath in order. Without FS every COPY is an error.
	FS         fs.FS
	SearchPath []string
	// Sequential appends the level 01 entries of a book to one record instead of making a record of each.
	Sequential bool
	// DecimalComma is DECIMAL-POINT IS COMMA: comma and point exchange their meaning in pictures and literals.
	DecimalComma bool
	// Currency is the currency sign of pictures beside "$"; empty for none. A SPECIAL-NAMES paragraph in the book can
	// declare it too.
	Currency string
	Limits   Limits
}

// Override gives an item and everything below it another dialect. Of several that apply the one nearest to an item wins.
type Override struct {
	// Names is the path of the item, outermost first: the record, groups as far as they are needed to tell it apart,
	// and the item. One name is a record.
	Names   []string
	Dialect Dialect
}

// ReplaceMode says what a Replacement matches.
type ReplaceMode uint8

const (
	// ReplaceWords matches whole text words.
	ReplaceWords ReplaceMode = iota
	// ReplaceLeading matches the beginning of one word.
	ReplaceLeading
	// ReplaceTrailing matches the end of one word.
	ReplaceTrailing
)

// Replacement is one operand pair of REPLACING. From and To are the text between the == of pseudo-text,
// for example ":TAG:" and "CUST".
type Replacement struct {
	From, To string
	Mode     ReplaceMode
}

// Limits bounds what a book may cost. Zero members mean the default.
type Limits struct {
	// FileSize is the largest book in bytes, copied ones each; default 1 MiB; all of them together
	// may have 32 times as much.
	FileSize int
	// Words is the most text words after COPY; default 1,000,000.
	Words int
	// Items is the most entries of a book; default 50,000.
	Items int
	// CopyDepth is how deep COPY may nest; default 32.
	CopyDepth int
	// RecordSize is the most bytes of a record; default 128 MiB, near what Enterprise COBOL allows (134,217,727).
	RecordSize int
	// Findings is the most errors, and the most warnings, that are listed; default 200.
	Findings int
}

func (l Limits) withDefaults() Limits {
	set := func(v *int, def int) {
		if *v <= 0 {
			*v = def
		}
	}
	set(&l.FileSize, 1<<20)
	set(&l.Words, 1_000_000)
	set(&l.Items, 50_000)
	set(&l.CopyDepth, 32)
	set(&l.RecordSize, 134_217_727)
	set(&l.Findings, 200)
	return l
}

func (o Options) withDefaults() Options {
	if o.Dialect.Name == "" {
		o.Dialect = ZOS()
	}
	o.Dialect = o.Dialect.withDefaults()
	o.Overrides = slices.Clone(o.Overrides)
	for i := range o.Overrides {
		o.Overrides[i].Dialect = o.Overrides[i].Dialect.withDefaults()
	}
	if o.LeftMargin <= 0 {
		o.LeftMargin = 7
	}
	if o.RightMargin <= 0 {
		o.RightMargin = o.LeftMargin + 65
	}
	o.Currency = strings.ToUpper(o.Currency)
	o.Limits = o.Limits.withDefaults()
	return o
}

// withDefaults fills what a dialect made by hand left out.
func (d Dialect) withDefaults() Dialect {
	if d.Pointer <= 0 {
		d.Pointer = 4
	}
	if d.MaxDigits <= 0 {
		d.MaxDigits = 31
	}
	return d
}

// checkOptions reports options that no book can be read with.
func (p *parser) checkOptions(file string) {
	begin := specs.Pos{File: file, Line: 1, Column: 1}
	if p.o.RightMargin <= p.o.LeftMargin {
		p.errorAt(codeMargins, begin, fmt.Sprintf("the right margin %d is not right of the indicator column %d", p.o.RightMargin, p.o.LeftMargin), "correct the margins of the copybook")
		p.stopped = true
	}
	if p.o.Currency != "" && !p.checkCurrency(p.o.Currency, begin) {
		p.o.Currency = ""
	}
}
