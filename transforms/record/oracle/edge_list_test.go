// SPDX-License-Identifier: Apache-2.0

package oracle_test

import (
	"slices"
	"strings"

	"lintel/transforms/record"
)

// edges is the list of them.
func edges() []edge {
	return []edge{
		{
			name: "P in packed numbers",
			what: "`MOVE` to and from a packed item with `P` in its picture loses as many leading digits as there are `P`, or leaves half-bytes " +
				"that are no digits.",
			item:  func(it *item) bool { return it.packed() && strings.Contains(it.pic, "P") },
			proof: "01 R.\n 05 F PIC S9(5)PPP COMP-3.", check: "bytes",
		},
		{
			name:  "V in edited pictures",
			what:  "A `V` in a numeric-edited picture, or with `BLANK WHEN ZERO`, takes a byte. By the standard it takes none.",
			item:  func(it *item) bool { return it.kind == edited && strings.Contains(it.pic, "V") },
			proof: "01 R.\n 05 F PIC 99V99 BLANK WHEN ZERO.", check: "places",
		},
		{
			name:  "external floating point",
			what:  "A picture such as `+9.99E+99` has 8 bytes instead of 9.",
			proof: "01 R.\n 05 F PIC +9.99E+99.", check: "places",
		},
		{
			name:  "all positions a floating currency sign",
			what:  "`$$$.$$` with a sign behind is refused.",
			proof: "01 R.\n 05 F PIC $$$$.$$DB.", check: "refused",
		},
		{
			name: "floating strings without a 9 behind",
			what: "An inserted `B`, `0` or `/` ends the floating string (`$B$-` is refused, `$$$B$$+` loses its sign), and so does a `+` or `-` " +
				"behind one of `$` (`$$$$+` gets two currency signs).",
			item:  func(it *item) bool { return it.kind == edited && brokenFloat(it.pic) },
			proof: "01 R.\n 05 F PIC $B$$+.", check: "bytes",
		},
		{
			name: "DB and inserted 0 taken back to numbers",
			what: "A `MOVE` from an edited item to a number knows `CR` and `-`, but not `DB`, and takes an inserted `0` for a digit. " +
				"Such items are compared as text.",
			proof: "01 R.\n 05 F PIC 9(3)DB.", check: "read",
		},
		{
			name: "0 and / among suppressed zeros", plays: otherThanGnuCOBOL(),
			what: "Between suppressed or floating positions only the comma vanishes with the zeros; `0` and `/` stay, as they do with our profile " +
				"`gnucobol`. By IBM's rules all simple insertions vanish.",
			item:  func(it *item) bool { return it.kind == edited && insertedAmidSuppressed(it.pic) },
			proof: "01 R.\n 05 F PIC Z/ZZ9.", check: "bytes",
		},
		{
			name: "COMP-5 of one or two digits", plays: []string{"zos"},
			what:  "`-std=ibm` gives it one byte, IBM's compiler two.",
			item:  func(it *item) bool { return it.says("5") && it.fullRange && it.digits <= 2 },
			proof: "01 R.\n 05 F PIC 9 COMP-5.", check: "places",
		},
		{
			name: "padding of table entries",
			what: "The bytes that fill up an entry with `SYNCHRONIZED` items stand in front of its last member, which then may not be " +
				"aligned itself. We put them at the end, as IBM does.",
			layout: func(l *layout) bool { return l.any(func(it *item) bool { return it.laid.Pad > 0 }) },
			proof:  "01 R.\n 05 A PIC X.\n 05 G OCCURS 3.\n  10 F PIC 9(18) COMP SYNC.", check: "places",
		},
		{
			name: "slack in records of variable length",
			what: "With a table of variable length in the record, slack bytes are left out of `LENGTH OF` and of the places behind " +
				"the table.",
			layout: func(l *layout) bool {
				return l.root.variable() && l.any(func(it *item) bool { return it.laid.Slack > 0 })
			},
			proof: "01 R.\n 05 A PIC X.\n 05 B PIC 9(4) COMP SYNC.\n 05 N PIC 9.\n 05 T PIC X OCCURS 0 TO 3 DEPENDING ON N.", check: "places",
		},
		{
			name: "REDEFINES behind a table of variable length",
			what: "All alternatives but the first are placed behind the redefined item instead of on it.",
			layout: func(l *layout) bool {
				behind := false
				return l.any(func(it *item) bool {
					behind = behind || it.occurs != nil && it.occurs.counter != nil
					return behind && it.redefines != nil
				})
			},
			proof: "01 R.\n 05 N PIC 9.\n 05 T PIC X OCCURS 0 TO 3 DEPENDING ON N.\n 05 B PIC X(5).\n 05 C REDEFINES B PIC X(5).", check: "places",
		},
		{
			name: "REDEFINES before a table of variable length", plays: atActual(),
			what: "With `-fodoslide` what stands behind the table, or in the second entry of a table around it, is placed too far by the length of every redefining item before it.",
			layout: func(l *layout) bool {
				return (l.tail() || l.any(func(it *item) bool { return it.occurs != nil && slices.ContainsFunc(it.kids, (*item).variable) })) &&
					l.any(func(it *item) bool { return it.redefines != nil })
			},
			proof: "01 R.\n 05 G.\n  10 B PIC X(5).\n  10 C REDEFINES B PIC X(3).\n 05 N PIC 9.\n 05 T PIC X OCCURS 0 TO 3 DEPENDING ON N.\n 05 Z PIC X.", check: "places",
		},
		{
			name: "REDEFINES beside a table of variable length",
			what: "In a group that has a table of variable length somewhere in it, the alternatives of a `REDEFINES` block are counted " +
				"one after the other in `LENGTH OF` and in the places behind. Blocks in a group of their own are compared.",
			layout: func(l *layout) bool {
				return l.any(func(it *item) bool { return it.redefines != nil && it.parent.variable() })
			},
			proof: "01 R.\n 05 B PIC X(5).\n 05 C REDEFINES B PIC X(5).\n 05 N PIC 9.\n 05 T PIC X OCCURS 0 TO 3 DEPENDING ON N.", check: "places",
		},
		{
			name: "groups with a table of variable length, at maximum", plays: atMaximum(),
			what: "Without `-fodoslide`, what stands behind a group with a table of variable length in it moves all the same; what stands " +
				"behind the table itself does not.",
			layout: func(l *layout) bool {
				return l.any(func(it *item) bool { return it.parent != nil && it.isGroup() && it.occurs == nil && it.variable() })
			},
			proof: "01 R.\n 05 N PIC 9.\n 05 G.\n  10 T PIC X OCCURS 0 TO 3 DEPENDING ON N.\n 05 Z PIC X.", check: "decode",
		},
		{
			name: "tables of variable length in tables of variable length",
			what: "Refused without `-fodoslide`. With it every entry of the outer table is taken to be as long as the first.",
			layout: func(l *layout) bool {
				return l.any(func(it *item) bool {
					return it.occurs != nil && it.occurs.counter != nil && slices.ContainsFunc(it.kids, (*item).variable)
				})
			},
			plays: atActual(),
			proof: "01 R.\n 05 N PIC 9.\n 05 G OCCURS 0 TO 3 DEPENDING ON N.\n  10 M PIC 9.\n  10 T PIC X OCCURS 0 TO 3 DEPENDING ON M.\n 05 Z PIC X.",
			check: "output",
		},
		{
			name: "KEY of a table in a FILLER group",
			what: "The compiler does not come to an end. Not drawn, and not proved either.",
		},
		{
			name: "groups with a table of variable length behind another such table", plays: atActual(),
			what: "With `-fodoslide` all that follows such a group is placed right behind it, the second item over the first.",
			layout: func(l *layout) bool {
				seen := false
				return l.any(func(it *item) bool {
					again := seen && it.isGroup() && slices.ContainsFunc(it.kids, (*item).variable)
					seen = seen || it.occurs != nil && it.occurs.counter != nil
					return again
				})
			},
			proof: "01 R.\n 05 N PIC 9.\n 05 T PIC X OCCURS 0 TO 3 DEPENDING ON N.\n 05 G.\n  10 M PIC 9.\n  10 U PIC X OCCURS 0 TO 3 DEPENDING ON M.\n" +
				" 05 Y PIC X.\n 05 Z PIC X.",
			check: "places",
		},
		{
			name: "OCCURS n TO n", what: "Refused: the maximum must be greater than the minimum.",
			proof: "01 R.\n 05 N PIC 9.\n 05 T PIC X OCCURS 3 TO 3 DEPENDING ON N.", check: "refused",
		},
		{
			name: "the largest values of signed COMP-X and COMP-N of 7 or 12 digits",
			what: "GnuCOBOL gives them the bytes of a number without a sign (3 and 5), which do not hold all values of the picture, and stores " +
				"others in their place. Ours has the same bytes and refuses what does not go in.",
			item: func(it *item) bool {
				return it.signed && it.compX() && (it.digits == 7 || it.digits == 12)
			},
			proof: "01 R.\n 05 F PIC S9(7) COMP-X.", check: "encode",
		},
		{
			name: "P in binary numbers that are too long", plays: []string{"gnucobol-cut"},
			what:  "`MOVE` cuts such numbers as if the `P` were digits in storage.",
			item:  func(it *item) bool { return it.kind == number && strings.Contains(it.pic, "P") && !it.zoned() },
			proof: "01 R.\n 05 F PIC 99P COMP.", check: "bytes",
		},
		{
			name: "binary numbers of more than 18 digits that are cut", plays: []string{"gnucobol-cut"},
			what: "`MOVE` cuts them to 64 bits first, and then to the picture. Not drawn.",
		},
		{
			name: "COMP-5, COMP-X and COMP-N numbers that are too long", plays: []string{"gnucobol-cut"},
			what: "`MOVE` keeps the low bytes, overflow `truncate` refuses what does not go into the bytes. Not drawn.",
		},
		{
			name: "edited numbers that are cut", plays: []string{"gnucobol-cut"},
			what: "High digits that are cut off still count: zeros behind them are not suppressed, and a number that is zero only once it is cut is not " +
				"blanked out. Cut high digits, and numbers cut to zero, are not drawn for edited items.",
		},
		{
			name: "COMP-X in native order", plays: []string{"gnucobol-native"},
			what: "`-fbinary-byteorder=native` turns COMP-X round as well. Ours stays big-endian, as Micro Focus has it.",
			item: func(it *item) bool {
				return it.says("COMP-X") || it.says("TATIONAL-X") || it.says("COMP-N") || it.says("TATIONAL-N")
			},
			proof: "01 R.\n 05 F PIC 9(7) COMP-X.", check: "bytes",
		},
		{
			name: "national, double-byte and UTF-8 items", what: "Not played: `PIC N(3)` has 6 bytes, but `MOVE` puts single bytes into them.",
		},
		{
			name: "hexadecimal floating point, SYNCHRONIZED of z/OS, signs of EBCDIC data",
			what: "The machine has ASCII and IEEE floats: not played.",
		},
	}
}

func otherThanGnuCOBOL() []string {
	var out []string
	for _, p := range plays() {
		if p.dialect.Name != "gnucobol" {
			out = append(out, p.name)
		}
	}
	return out
}

func atMaximum() []string { return stored(record.Maximum) }
func atActual() []string  { return stored(record.Actual) }

func stored(s record.Storage) []string {
	var out []string
	for _, p := range plays() {
		if p.storage == s {
			out = append(out, p.name)
		}
	}
	return out
}

// tail tells that something stands behind a table of variable length.
func (l *layout) tail() bool {
	var table *item
	return l.any(func(it *item) bool {
		if table != nil && !slices.Contains(it.tables(), table) {
			return true
		}
		if it.occurs != nil && it.occurs.counter != nil {
			table = it
		}
		return false
	})
}
