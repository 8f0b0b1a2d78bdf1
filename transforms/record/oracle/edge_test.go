// SPDX-License-Identifier: Apache-2.0

package oracle_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"lintel/transforms/copybook"
	"lintel/transforms/record"
)

// edge is a point in which GnuCOBOL and we are known to differ. What an edge describes is not drawn,
// and TestEdges proves that the difference is still there.
type edge struct {
	name string
	// ours is true where Lintel is wrong and GnuCOBOL right.
	ours bool
	// plays are the dialects it is for; none means all.
	plays []string
	// what happens, and why we do otherwise.
	what string
	// item and layout tell whether the edge is touched; layout sees records that are laid out.
	item   func(it *item) bool
	layout func(l *layout) bool
	// proof is a copybook that shows the edge; check is what fails with it, "refused" if cobc does not take it, or
	// empty where there is nothing to show.
	proof, check string
}

func (e *edge) applies(p *play) bool { return len(e.plays) == 0 || slices.Contains(e.plays, p.name) }

// touchesItem tells that a field is not to be drawn.
func touchesItem(p *play, it *item) bool {
	for _, e := range edges() {
		if e.applies(p) && e.item != nil && e.item(it) {
			return true
		}
	}
	return false
}

// touchesLayout names the edge that a laid out record touches, or nothing.
func touchesLayout(p *play, l *layout) string {
	for _, e := range edges() {
		if e.applies(p) && e.layout != nil && e.layout(l) {
			return e.name
		}
	}
	return ""
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

// says looks for a word in the clauses of an item, those of its group included.
func (it *item) says(word string) bool {
	for _, c := range it.clauses {
		if strings.Contains(c, word) {
			return true
		}
	}
	return strings.Contains(it.inherited, word)
}

func (it *item) packed() bool {
	return it.says("COMP-3") || it.says("TATIONAL-3") || it.says("PACKED") || it.says("COMP-6") || it.says("TATIONAL-6")
}

// insertedAmidSuppressed tells that a 0 or / stands among Z, * or a floating symbol, or right behind them.
func insertedAmidSuppressed(pic string) bool {
	for _, sym := range "Z*$+-" {
		n := strings.Count(pic, string(sym))
		if n < 2 && (n == 0 || sym != 'Z' && sym != '*') {
			continue
		}
		behind := strings.LastIndexByte(strings.TrimRight(pic, "+-"), byte(sym)) + 1
		if at := strings.IndexAny(pic, "0/"); at >= strings.IndexRune(pic, sym) && at <= behind {
			return true
		}
	}
	return false
}

// total is the length of all occurrences.
func (it *item) total() int {
	if it.occurs != nil {
		return it.occurs.max * it.laid.Size
	}
	return it.laid.Size
}

// least is the length of an entry with all tables in it at their minimum.
func (it *item) least() int {
	if !it.isGroup() {
		return it.laid.Size
	}
	n := 0
	for _, k := range it.kids {
		times := 1
		if k.occurs != nil {
			times = k.occurs.min
		}
		if k.redefines == nil {
			n += times * k.least()
		}
	}
	return n
}

// brokenFloat tells that a picture is all floating and has an insertion in it, or a sign behind $.
func brokenFloat(pic string) bool {
	return !strings.ContainsAny(pic, "9Z*") && (strings.ContainsAny(pic, "B0/") || pic[0] == '$' && strings.ContainsAny(pic, "+-"))
}

// variable tells that a table of variable length is in it.
func (it *item) variable() bool {
	found := false
	it.each(func(x *item) { found = found || x.occurs != nil && x.occurs.counter != nil })
	return found
}

func (l *layout) any(f func(*item) bool) bool { return slices.ContainsFunc(l.items(), f) }

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
			what: "With `-fodoslide` what stands behind the table is placed too far by the length of every redefining item before it.",
			layout: func(l *layout) bool {
				return l.tail() && l.any(func(it *item) bool { return it.redefines != nil })
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
			name: "tables whose entries are empty", ours: true,
			what: "A fixed table whose entries hold nothing but an empty table of variable length is left out when it stands at the end of " +
				"the record, for it looks like a record that ends early.",
			layout: func(l *layout) bool {
				return l.any(func(it *item) bool { return it.occurs != nil && it.occurs.counter == nil && it.least() == 0 })
			},
			plays: atActual(),
			proof: "01 R.\n 05 N PIC 9.\n 05 G OCCURS 2.\n  10 T PIC X OCCURS 0 TO 3 DEPENDING ON N.", check: "decode",
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
			name: "COMP-N", ours: true,
			what: "GnuCOBOL 3.1 stores COMP-N like COMP-X, big-endian; ours is in the native order of the profile, as its inventor ACUCOBOL has it. " +
				"That is right for data of ACUCOBOL and wrong for profile `gnucobol`.",
			item:  func(it *item) bool { return it.says("COMP-N") || it.says("TATIONAL-N") },
			proof: "01 R.\n 05 F PIC 9(7) COMP-N.", check: "bytes",
		},
		{
			name: "signed COMP-X of 7 or 12 digits", ours: true,
			what: "GnuCOBOL gives COMP-X with a sign the bytes of one without (3 and 5), although they do not hold all its values; ours takes " +
				"one byte more.",
			item: func(it *item) bool {
				return it.signed && (it.says("COMP-X") || it.says("TATIONAL-X")) && (it.digits == 7 || it.digits == 12)
			},
			proof: "01 R.\n 05 F PIC S9(7) COMP-X.", check: "places",
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

// TestEdges proves that each edge is still there: one that is gone leaves the list, and what it kept
// from being drawn is compared from then on.
func TestEdges(t *testing.T) {
	needCOBOL(t)
	for _, e := range edges() {
		if e.proof == "" {
			continue
		}
		for _, p := range plays() {
			if !e.applies(&p) {
				continue
			}
			t.Run(e.name+"/"+p.name, func(t *testing.T) {
				t.Parallel()
				proveEdge(t, &e, &p)
			})
			if len(e.plays) == 0 {
				break // one dialect is proof enough
			}
		}
	}
}

func proveEdge(t *testing.T, e *edge, p *play) {
	l, err := layoutOf(p, e.proof)
	if err != nil {
		t.Fatal(err)
	}
	failures, err := compare(t, p, []*layout{l}, roundsOf)
	if err != nil {
		if e.check == "refused" && strings.Contains(err.Error(), "error:") || e.check == "output" && errors.Is(err, errOutput) {
			return
		}
		t.Fatal(err)
	}
	for _, f := range failures {
		if f.check == e.check {
			return
		}
		t.Errorf("%s differs: %s", f.check, f.detail)
	}
	t.Errorf("the edge is gone: %s no longer fails, so take it off the list\n%s", e.check, e.proof)
}

// layoutOf makes a layout of the text of a copybook: what drawLayout draws, but written by hand.
func layoutOf(p *play, text string) (*layout, error) {
	l := &layout{seed: 1, play: p, text: fixedForm(text)}
	c, err := compileText(l, p)
	if err != nil {
		return nil, err
	}
	l.root = itemOf(nil, c, map[*copybook.Item]*item{})
	return l, nil
}

func fixedForm(text string) string {
	var b strings.Builder
	for _, line := range strings.Split(text, "\n") {
		b.WriteString("       " + line + "\n")
	}
	return b.String()
}

func compileText(l *layout, p *play) (*copybook.Item, error) {
	book, findings := copybook.Parse("EDGE.cpy", []byte(l.text), copybook.Options{
		Dialect: p.dialect, Format: copybook.Fixed, DecimalComma: p.comma,
	})
	if book == nil {
		return nil, &findings
	}
	return book.Records[0], nil
}

// itemOf makes our model of an item of the copybook reader.
func itemOf(parent *item, c *copybook.Item, known map[*copybook.Item]*item) *item {
	it := &item{
		level: c.Level, name: c.Name, filler: c.Filler, parent: parent, pic: c.Picture, digits: c.Digits, scale: c.Scale,
		signed: c.Signed, fullRange: c.FullRange, justified: c.Justified, letters: c.Category == copybook.Alphabetic,
		clauses: []string{c.UsageClause}, laid: c, redefines: known[c.Redefines],
	}
	known[c] = it
	if c.Pic != nil {
		it.digits -= c.Pic.LeadingP + c.Pic.TrailingP
	}
	switch c.Category {
	case copybook.Group:
		it.kind = group
	case copybook.Numeric:
		it.kind = number
	case copybook.NumericEdited:
		it.kind = edited
	case copybook.AlphanumericEdited:
		it.kind = textEdited
	case copybook.Alphabetic, copybook.Alphanumeric:
		it.kind = text
	case copybook.FloatEdited:
		it.kind = opaque
	default:
		it.kind = map[copybook.Usage]kind{copybook.Native: number, copybook.Float: float}[c.Usage]
		if it.kind == group {
			it.kind = opaque
		}
	}
	if o := c.Occurs; o != nil {
		it.occurs = &occurs{min: o.Min, max: o.Max}
		if o.DependingOn != nil {
			it.occurs.counter = known[o.DependingOn]
			it.occurs.counter.counterFor = it
		}
	}
	for _, k := range c.Children {
		it.kids = append(it.kids, itemOf(it, k, known))
	}
	return it
}
