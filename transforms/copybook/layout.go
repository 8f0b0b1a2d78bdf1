// SPDX-License-Identifier: Apache-2.0

package copybook

import "lintel/specs"

// Usage is how the value of an elementary item is stored.
type Usage uint8

const (
	// Display is one byte a character or digit (zoned decimal for numbers).
	Display Usage = iota
	// Packed is COMP-3: two digits a byte and a sign nibble.
	Packed
	// PackedUnsigned is COMP-6: two digits a byte and no sign.
	PackedUnsigned
	// Binary is COMP, COMP-4, BINARY: a two's complement integer in the dialect's order for COMP.
	Binary
	// Native is COMP-5 (and BINARY-CHAR..DOUBLE): the full range of its bytes, in the dialect's native order.
	Native
	// CompX is COMP-X and COMP-N: an unsigned binary of as few bytes as the picture needs.
	CompX
	// Float is COMP-1 (4 bytes) or COMP-2 (8 bytes).
	Float
	// DBCS is DISPLAY-1: two bytes a character in the code page's double-byte set.
	DBCS
	// National is UTF-16, two bytes a unit; numbers are digits in UTF-16.
	National
	// UTF8 is PIC U.
	UTF8
	// Index is a table index; its bytes mean nothing outside the host.
	Index
	// Pointer is an address; its bytes mean nothing outside the host.
	Pointer
)

// Category is the class of an elementary item by its picture.
type Category uint8

const (
	// Group items have no picture.
	Group Category = iota
	// Alphabetic is PIC A.
	Alphabetic
	// Alphanumeric is PIC X, and X or A mixed with 9.
	Alphanumeric
	// AlphanumericEdited is text with the insertions B 0 /.
	AlphanumericEdited
	// Numeric is PIC 9 with S, V and P.
	Numeric
	// NumericEdited is a number for the eye, and any number with BLANK WHEN ZERO.
	NumericEdited
	// FloatEdited is an external floating-point picture such as +9.99E+99.
	FloatEdited
	// NationalText is PIC N.
	NationalText
	// NationalEdited is PIC N with the insertions B 0 /.
	NationalEdited
	// DBCSText is PIC G, and PIC N with DISPLAY-1; a B in it is a double-byte blank.
	DBCSText
	// UTF8Text is PIC U.
	UTF8Text
	// NoPicture items get their size from the usage alone: COMP-1, INDEX, POINTER ...
	NoPicture
)

// SignPlace is where the operational sign of a signed number stands.
type SignPlace uint8

const (
	// Trailing means: in the zone of the last byte (the default).
	Trailing SignPlace = iota
	// Leading means: in the zone of the first byte.
	Leading
	// TrailingSeparate means: a byte of its own behind the digits, + or -.
	TrailingSeparate
	// LeadingSeparate means: a byte of its own in front of the digits.
	LeadingSeparate
)

// Book is everything one copybook declares.
type Book struct {
	// File is the name the book was read under.
	File string
	// Records are the level 01 (and 77) entries in order; a book that begins at another level gives
	// one record made of its roots.
	Records []*Item
	// Constants are the level 78 names with their literals.
	Constants []Condition
	// Dialect it was laid out with.
	Dialect Dialect
}

// Record returns the record with that name, ignoring case, or nil.
func (b *Book) Record(name string) *Item {
	for _, r := range b.Records {
		if equalName(r.Name, name) {
			return r
		}
	}
	return nil
}

// Item is one entry of a record: a group, an elementary item or a table of either.
type Item struct {
	// Level is the level number as written.
	Level int
	// Name is the data-name as written, upper case; "FILLER" for an item without a name.
	Name string
	// Filler is true for FILLER and unnamed items.
	Filler bool
	Parent *Item
	// Children of a group, in order, redefining items included; 88 and 66 entries are not children.
	Children []*Item

	// Offset is in bytes from the start of the record, with every table at its maximum and the
	// first occurrence of every enclosing table.
	Offset int
	// Size is the length in bytes of one occurrence, tables inside at their maximum; Slack is the number of
	// bytes the SYNCHRONIZED rules put in front of the item, outside of Offset and Size.
	Size  int
	Slack int
	// Pad is the number of bytes at the end of Size that the SYNCHRONIZED rules put behind the last item of a table
	// entry, so that every occurrence is aligned. They belong to no item.
	Pad int

	Category Category
	Usage    Usage
	// Picture is the character string as written, upper case, without PIC; empty for groups.
	Picture string
	// Pic is the analyzed picture; nil without one.
	Pic *Picture
	// UsageClause is the usage as written or inherited, for messages: "COMP-3"; empty for DISPLAY by default.
	UsageClause string
	// Digits counts the digit positions of a number, P included; Scale is how many of them stand
	// behind the point (negative for pictures that end in P).
	Digits, Scale int
	Signed        bool
	Sign          SignPlace
	// LittleEndian is the byte order of Binary, Native, CompX and Float items by the dialect.
	LittleEndian bool
	// FullRange is true for items that hold the full range of their bytes (COMP-5).
	FullRange     bool
	Justified     bool
	BlankWhenZero bool
	Synchronized  bool

	// Occurs is nil for an item that is no table.
	Occurs *Occurs
	// Redefines is the item whose storage this one shares, or nil. The redefined item is the first of its block.
	Redefines *Item
	// Value is the VALUE clause, nil if there is none.
	Value *Literal
	// Conditions are the level 88 entries of this item.
	Conditions []Condition
	// Renames are the level 66 entries; only on records.
	Renames []Rename

	// Dialect is set where an override gives the item another one than the book's.
	Dialect *Dialect

	Pos specs.Pos
	// Comment is the text of comment lines directly above the entry, for descriptions.
	Comment string
}

// Occurs is an OCCURS clause.
type Occurs struct {
	// Min and Max number of occurrences; equal for a fixed table.
	Min, Max int
	// MinImplied is true for OCCURS n DEPENDING ON without TO: Min is what the dialect says, and data with
	// fewer entries are found.
	MinImplied bool
	// DependingOn is the counter of a variable table, or nil.
	DependingOn *Item
}

// Literal is a value of a VALUE clause.
type Literal struct {
	// Figurative is SPACE, ZERO, LOW-VALUE, HIGH-VALUE, QUOTE or NULL for a figurative constant; ALL "x"
	// has All set and Text x.
	Figurative string
	All        bool
	// Text is the content of an alphanumeric or national literal, Bytes that of a hexadecimal one,
	// Number the text of a numeric literal with "." as the point. One of them is set.
	Text   string
	Bytes  []byte
	Number string
	// National is true for N"..", NX"..".
	National bool
	Pos      specs.Pos
}

// Condition is a level 88 condition-name (or a level 78 constant) with its values.
type Condition struct {
	Name   string
	Values []ValueRange
	// False is the WHEN SET TO FALSE literal, or nil.
	False *Literal
	Pos   specs.Pos
}

// ValueRange is one value, or a range if To is not nil.
type ValueRange struct{ From, To *Literal }

// Rename is a level 66 entry: an alias over From to To, both within the record.
type Rename struct {
	Name     string
	From, To *Item
	// Offset and Size are the storage of the alias.
	Offset, Size int
	Pos          specs.Pos
}
