// SPDX-License-Identifier: Apache-2.0

package record

import (
	"lintel/specs"
	"lintel/transforms/codepage"
	"lintel/transforms/copybook"
)

// Options says how a record is read and written. The zero value is strict: nothing is lost,
// guessed or changed in silence.
type Options struct {
	// Page is the host's code page; nil means cp037.
	Page *codepage.Page
	// Dialect gives sign table and float format; the zero value means z/OS. It should be the one
	// the copybook was laid out with. Items that were laid out with another one, by an override, go by theirs.
	Dialect copybook.Dialect
	// Rules are those of records.yaml; rules for other records do no harm.
	Rules []*specs.FieldRule
	// Storage is the form of OCCURS DEPENDING ON tables in messages.
	Storage Storage
	// Policy says what to do with contents that are not plainly right.
	Policy Policy
	// PolicyOf, if set, changes the policy of single items: it is asked for every item, from the record
	// inwards, and what it returns holds for the item and all below it. Excess counts at the record only.
	PolicyOf func(item *copybook.Item, around Policy) Policy
	// PageOf, if set, changes the code page of single items in the same way; nil keeps the page around. It
	// is the page of text, of zoned and edited numbers, and of dates in them; PIC N and PIC U have their own.
	PageOf func(item *copybook.Item, around *codepage.Page) *codepage.Page
	// Limits bounds what one message may cost.
	Limits Limits
}

// Storage is the form of OCCURS DEPENDING ON tables in messages.
type Storage uint8

const (
	// Actual length: a table takes as many entries as its counter says, and what follows moves.
	Actual Storage = iota
	// Maximum length: a table always takes its greatest size; entries beyond the counter mean nothing.
	Maximum
)

// Policy says what to do with contents that are not plainly right.
type Policy struct {
	// Trim says which blanks of text fields are taken away when a record is read.
	Trim Trim
	// Blank says what a number of all blanks is; Low and High are the same for X'00' and X'FF'.
	Blank, Low, High Special
	// Sign says which sign nibbles are accepted in zoned and packed numbers.
	Sign Sign
	// Overflow says what happens to numbers with too many integer digits and texts that are too long.
	Overflow Overflow
	// Decimals says what happens to digits behind the last one the picture has.
	Decimals Decimals
	// Unmappable says what happens to characters that the code page lacks.
	Unmappable Unmappable
	// Excess says what happens to bytes behind the end of the record.
	Excess Excess
	// Unreadable says what a field becomes whose bytes cannot be read.
	Unreadable Unreadable
	// Century is the first year of the hundred years that a two-digit year stands for, for example
	// 1970 for 1970 to 2069. 0 refuses two-digit years.
	Century int
	// UseValue fills fields that nothing is mapped to from their VALUE clauses.
	UseValue bool
	// FillTables fills tables that get fewer entries than their minimum with default entries.
	FillTables bool
	// IgnoreUnknown passes over JSON members that the record does not have.
	IgnoreUnknown bool
	// EditedText gives numeric-edited fields as text, the way they stand in the record, instead of
	// as numbers.
	EditedText bool
	// KeepFiller makes members of FILLER items, so that their contents survive.
	KeepFiller bool
}

// Trim says which blanks of a text are taken away.
type Trim uint8

const (
	// TrimPad takes away the blanks that pad the field: on the right, and on the left of JUSTIFIED fields.
	TrimPad Trim = iota
	// TrimBoth takes away blanks on both sides.
	TrimBoth
	// TrimNone keeps all.
	TrimNone
)

// Special is the meaning of a number field that is all blanks, low-values or high-values.
type Special uint8

const (
	// SpecialError refuses it.
	SpecialError Special = iota
	// SpecialNull makes it null.
	SpecialNull
	// SpecialZero makes it zero.
	SpecialZero
)

// Sign says which sign nibbles are accepted.
type Sign uint8

const (
	// SignNoPfd accepts what IBM's NUMPROC(NOPFD) does: A C E F plus, B D minus.
	SignNoPfd Sign = iota
	// SignPreferred accepts the preferred signs only: C and D, and F for unsigned.
	SignPreferred
	// SignLax is SignNoPfd, and takes any nibble below A for plus in zoned numbers.
	SignLax
)

// Overflow says what happens to what is too long.
type Overflow uint8

const (
	// OverflowReject refuses it.
	OverflowReject Overflow = iota
	// OverflowTruncate cuts as MOVE does: numbers lose high digits, texts their end, JUSTIFIED texts their beginning.
	OverflowTruncate
)

// Decimals says what happens to decimals that the picture has no place for.
type Decimals uint8

const (
	// DecimalsReject refuses digits other than zero.
	DecimalsReject Decimals = iota
	// DecimalsTruncate cuts them off.
	DecimalsTruncate
	// DecimalsRound rounds half away from zero, as ROUNDED does.
	DecimalsRound
)

// Unmappable says what happens to characters that the code page lacks.
type Unmappable uint8

const (
	// UnmappableReject refuses them.
	UnmappableReject Unmappable = iota
	// UnmappableSubstitute writes a question mark for each.
	UnmappableSubstitute
)

// Excess says what happens to bytes behind the end of the record.
type Excess uint8

const (
	// ExcessReject refuses the message.
	ExcessReject Excess = iota
	// ExcessIgnore passes over them.
	ExcessIgnore
)

// Unreadable says what a field becomes whose bytes cannot be read.
type Unreadable uint8

const (
	// UnreadableError refuses the message.
	UnreadableError Unreadable = iota
	// UnreadableNull makes the field null, and notes it.
	UnreadableNull
)

// Limits bounds what one message may cost. Zero members mean the default.
type Limits struct {
	// Record is the greatest length of a record in bytes; default 16 MiB.
	Record int
	// Entries is how many table entries one message may have in all, nested ones included; default 1,000,000.
	Entries int
}

const (
	defaultMaxRecord  = 16 << 20
	defaultMaxEntries = 1_000_000
)

func (l Limits) record() int {
	if l.Record > 0 {
		return l.Record
	}
	return defaultMaxRecord
}

func (l Limits) entries() int {
	if l.Entries > 0 {
		return l.Entries
	}
	return defaultMaxEntries
}
