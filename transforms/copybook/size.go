// SPDX-License-Identifier: Apache-2.0

package copybook

import "fmt"

// maxBinary is the most digits of a binary number in 8 bytes.
const maxBinary = 18

// sizeOf returns the bytes of an elementary item with a picture, or why usage and picture do not go together. A
// separate sign is not counted.
func (p *parser) sizeOf(e *entry) (size int, why string) {
	it, pic := e.item, e.item.Pic
	switch it.Usage {
	case Display:
		switch it.Category {
		case NationalText, NationalEdited, DBCSText, UTF8Text:
			return 0, "the picture is not one of single bytes"
		}
		return pic.Length, ""
	case National:
		switch it.Category {
		case NationalText, NationalEdited, Numeric, NumericEdited, FloatEdited:
			return 2 * pic.Length, ""
		}
		return 0, "the picture is not one of national characters or numbers"
	case DBCS:
		if it.Category != DBCSText && it.Category != NationalText {
			return 0, "DISPLAY-1 needs a picture of G or N"
		}
		it.Category = DBCSText
		return 2 * pic.Length, ""
	case UTF8:
		if it.Category != UTF8Text {
			return 0, "UTF-8 needs a picture of U"
		}
		if e.bytes > 0 {
			return e.bytes, ""
		}
		return 4 * pic.Length, ""
	case Binary, Native, CompX:
		if it.Category == Alphanumeric && pic.Length <= 8 && (it.Usage == CompX || p.dialectOf(e).Name != "zos") {
			return binaryText(it), ""
		}
	}
	if it.Category != Numeric {
		return 0, "the picture is not numeric"
	}
	return p.dialectOf(e).numberSize(it)
}

// numberSize gives the bytes of packed and binary numbers.
func (d *Dialect) numberSize(it *Item) (size int, why string) {
	n := it.Pic.Stored()
	switch it.Usage {
	case Packed:
		return n/2 + 1, ""
	case PackedUnsigned:
		if it.Signed { // GnuCOBOL takes a signed COMP-6 as COMP-3
			it.Usage = Packed
			return n/2 + 1, ""
		}
		return (n + 1) / 2, ""
	}
	if it.Digits > maxBinary && !d.WideBinary { // P counts, though it is not stored
		return 0, fmt.Sprintf("a binary number has at most %d digits", maxBinary)
	}
	if it.Usage == CompX {
		// As GnuCOBOL has it: the bytes of the unsigned number, even where they do not hold all negative ones.
		return fewestBytes(n, false), ""
	}
	switch d.BinarySize {
	case Sizes1to8:
		return fewestBytes(n, it.Signed), ""
	case Sizes1248:
		if n <= 2 {
			return 1, ""
		}
	}
	switch {
	case n <= 4:
		return 2, ""
	case n <= 9:
		return 4, ""
	case n <= maxBinary:
		return 8, ""
	}
	return fewestBytes(n, it.Signed), ""
}

// binaryText makes PIC X(n) COMP a binary of n bytes.
func binaryText(it *Item) int {
	it.Category = Numeric
	it.Digits = [9]int{0, 3, 5, 8, 10, 13, 15, 17, 20}[it.Pic.Length]
	return it.Pic.Length
}

// fewestBytes is the length of the shortest two's complement number that holds so many digits.
func fewestBytes(digits int, signed bool) int {
	unsignedTo := [...]int{2, 4, 7, 9, 12, 14, 16, 19, 21, 24, 26, 28, 31, 33, 36, 38}
	signedTo := [...]int{2, 4, 6, 9, 11, 14, 16, 18, 21, 23, 26, 28, 31, 33, 35, 38}
	table := unsignedTo
	if signed {
		table = signedTo
	}
	for i, most := range table {
		if digits <= most {
			return i + 1
		}
	}
	return len(table)
}
