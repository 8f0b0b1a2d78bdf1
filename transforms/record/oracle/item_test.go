// SPDX-License-Identifier: Apache-2.0

package oracle_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"lintel/transforms/copybook"
)

// kind is how an elementary item gets its values.
type kind uint8

const (
	group      kind = iota
	text            // X, A: any text
	textEdited      // X with insertions
	number          // decimal numbers in DISPLAY, packed, binary
	edited          // numeric-edited
	float           // COMP-1, COMP-2
	opaque          // INDEX, POINTER: nothing but a place
)

// item is one entry of a random record: our own model, which knows nothing of the copybook reader.
type item struct {
	level int
	name  string
	// prefix of all names below; only at the record.
	prefix string
	// cut is that of the play; only at the record.
	cut bool
	// filler items have a name only to be told apart.
	filler bool
	kids   []*item
	parent *item
	kind   kind

	pic string
	// clauses besides PIC, OCCURS and REDEFINES, in the order they are written.
	clauses []string

	// inherited is the USAGE or SIGN clause of the group around, which counts for the item.
	inherited string
	// condition puts a level 88 under the item.
	condition bool

	occurs    *occurs
	redefines *item

	// Of numbers: digits in storage, digits behind the point (negative for P at the right end), sign.
	digits, scale int
	signed        bool
	// fullRange numbers hold all their bytes can; fullDigits are the digits of that.
	fullRange bool
	// letters is set for PIC A, justified for JUSTIFIED RIGHT.
	letters, justified bool
	// asText edited items are read as text: GnuCOBOL does not find the number in them, see the edges.
	asText bool
	// counterFor is the table this item counts, with its bounds.
	counterFor *item

	// laid is the item of the copybook reader that belongs to this one.
	laid *copybook.Item
}

type occurs struct {
	min, max int
	counter  *item
	// extra are KEY and INDEXED BY phrases.
	extra string
	key   *item
}

// layout is a random record.
type layout struct {
	number int
	seed   uint64
	root   *item
	play   *play
	// text is the copybook of a layout that was not drawn.
	text string
}

func (it *item) isGroup() bool { return it.kind == group }

// id is the data-name: the same names occur in every record, so it begins with that of the record.
func (it *item) id() string {
	root := it
	for root.parent != nil {
		root = root.parent
	}
	return root.prefix + it.name
}

// tables are the items with OCCURS around and at it, from the outside in.
func (it *item) tables() []*item {
	var out []*item
	for x := it; x != nil; x = x.parent {
		if x.occurs != nil {
			out = append(out, x)
		}
	}
	slices.Reverse(out)
	return out
}

// alternatives of a REDEFINES block that begins with it; just it for other items.
func (it *item) alternatives() []*item {
	out := []*item{it}
	if it.parent != nil {
		for _, k := range it.parent.kids {
			if k.redefines == it {
				out = append(out, k)
			}
		}
	}
	return out
}

// each calls f for it and all below.
func (it *item) each(f func(*item)) {
	f(it)
	for _, k := range it.kids {
		k.each(f)
	}
}

// items are all entries of a layout in order.
func (l *layout) items() []*item {
	var out []*item
	l.root.each(func(it *item) { out = append(out, it) })
	return out
}

// blocks are the items that others redefine.
func (l *layout) blocks() []*item {
	var out []*item
	for _, it := range l.items() {
		if it.redefines == nil && len(it.alternatives()) > 1 {
			out = append(out, it)
		}
	}
	return out
}

// source writes the entries in fixed form.
func (l *layout) source() string {
	if l.text != "" {
		return l.text
	}
	var b strings.Builder
	l.root.each(func(it *item) {
		text := it.source()
		if l.play.comma && it.kind == edited { // point and comma change places
			text = strings.ReplaceAll(text, it.pic, strings.NewReplacer(".", ",", ",", ".").Replace(it.pic))
		}
		b.WriteString(text)
		if it.condition {
			b.WriteString(it.conditionSource())
		}
	})
	return b.String()
}

func (it *item) source() string {
	indent := 7
	for x := it.parent; x != nil && indent < 19; x = x.parent {
		indent += 4
	}
	words := []string{fmt.Sprintf("%02d", it.level)}
	switch {
	case !it.filler:
		words = append(words, it.id())
	case len(it.name)%2 == 0: // both ways of writing it
		words = append(words, "FILLER")
	}
	if it.redefines != nil {
		words = append(words, "REDEFINES "+it.redefines.id())
	}
	if it.pic != "" {
		words = append(words, "PIC "+it.pic)
	}
	words = append(words, it.clauses...)
	if o := it.occurs; o != nil {
		switch {
		case o.counter == nil:
			words = append(words, fmt.Sprintf("OCCURS %d TIMES", o.max))
		default:
			words = append(words, fmt.Sprintf("OCCURS %d TO %d TIMES DEPENDING ON", o.min, o.max), o.counter.id())
		}
	}
	if o := it.occurs; o != nil && o.extra != "" {
		words = append(words, strings.Split(o.phrases(it), "|")...)
	}
	return wrap(indent, strings.Join(words, "|")+".")
}

func (o *occurs) phrases(it *item) string {
	text := strings.ReplaceAll(o.extra, "#", it.id())
	if o.key != nil {
		text = strings.ReplaceAll(text, "@", o.key.id())
	}
	return text
}

// conditionSource is a level 88, which takes no storage.
func (it *item) conditionSource() string {
	values := `VALUE "A"|"C" THRU "F".`
	if it.kind != text {
		values = "VALUES ARE 1,|3 THRU 5."
	}
	return wrap(19, "88|"+it.id()+"-C|"+values)
}

// wrap breaks the words, which are parted by "|", into lines that end before column 73.
func wrap(indent int, text string) string {
	var b strings.Builder
	line := strings.Repeat(" ", indent)
	for i, w := range strings.Split(text, "|") {
		if i > 0 && len(line)+1+len(w) > 72 {
			b.WriteString(strings.TrimRight(line, " ") + "\n")
			line = strings.Repeat(" ", indent+4)
			line += w
			continue
		}
		if i > 0 {
			line += " "
		}
		line += w
	}
	b.WriteString(line + "\n")
	return b.String()
}

// bind finds the items of the copybook reader that belong to those of the layout.
func (l *layout) bind(root *copybook.Item) error { return bind(l.root, root) }

func bind(it *item, laid *copybook.Item) error {
	if len(it.kids) != len(laid.Children) {
		return fmt.Errorf("%s has %d children in the layout and %d in the copybook", it.name, len(it.kids), len(laid.Children))
	}
	it.laid = laid
	for i, k := range it.kids {
		if err := bind(k, laid.Children[i]); err != nil {
			return err
		}
	}
	return nil
}

// wholeDigits and decimals are the digits of the value before and behind the point.
func (it *item) wholeDigits() int {
	n := it.digits
	if it.fullRange {
		n = fullDigits(it.laid.Size)
	}
	return max(n-it.scale, 0)
}

func (it *item) decimals() int { return max(it.scale, 0) }

// excess is how many digits or characters too many a value may have.
func (it *item) excess() int {
	root := it
	for root.parent != nil {
		root = root.parent
	}
	n := it.wholeDigits() + it.decimals()
	if it.kind == number && !it.packed() && !it.zoned() && n+4 > 18 {
		return 0 // see the edges
	}
	if !root.cut || it.counterFor != nil || it.fullRange || it.compX() || it.kind != text && it.kind != number && it.kind != edited || n+4 > 38 {
		return 0
	}
	return 2
}

// fullDigits is how many digits an unsigned integer of n bytes can have.
func fullDigits(n int) int {
	return len(strconv.FormatUint(uint64(1)<<(8*n-1)-1+uint64(1)<<(8*n-1), 10))
}
