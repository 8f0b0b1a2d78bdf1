// SPDX-License-Identifier: Apache-2.0

package record

import (
	"fmt"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/codepage"
	"lintel/transforms/copybook"
)

// Codec reads and writes one record. It implements transforms.Format and transforms.Codec and is
// safe for concurrent use.
type Codec struct {
	opts Options
	root *node
	// min and max length in bytes.
	min, max int
	// registers is how many positions and counters the walk notes.
	registers int
	blocks    int
	matched   []*specs.FieldRule

	plan *plan
	// plain tells that the plan has fields and groups only.
	plain   bool
	encoder *recordWriter
	// template is the record at its maximum with every field at its default.
	template []byte
	walks    sync.Pool
	// syntax leaves duplicate names to the writer, which finds them without a table of names.
	syntax []jsontext.Options
}

var (
	_ transforms.Format = (*Codec)(nil)
	_ transforms.Codec  = (*Codec)(nil)
)

// compiler is the state of Compile.
type compiler struct {
	*Codec
	findings specs.Findings
	byItem   map[*copybook.Item]*node
	// charsets are those of the code pages in use.
	charsets map[*codepage.Page]*charset
}

// Compile makes the codec of a record (a level 01 or 77 entry, or any item that is to be read as a
// record of its own). Either the codec is usable or the findings have an error; warnings may come
// with both.
func Compile(item *copybook.Item, o Options) (*Codec, specs.Findings) {
	k := &compiler{Codec: &Codec{opts: o}, byItem: map[*copybook.Item]*node{}, charsets: map[*codepage.Page]*charset{}}
	if k.opts.Dialect.Name == "" {
		k.opts.Dialect = copybook.ZOS()
	}
	if o.Page == nil {
		page, err := codepage.Lookup("cp037")
		if err != nil {
			k.findings.Add(codeUnsupported, item.Pos, "the default code page cp037 is missing", "")
			return nil, k.findings
		}
		k.opts.Page = page
	}
	k.build(item)
	if !k.findings.HasErrors() {
		k.finish()
	}
	found := k.findings.Limit(maxFindings, copybook.CodeMore)
	if found.HasErrors() {
		return nil, found
	}
	return k.Codec, found
}

// maxFindings is the most errors, and the most warnings, that one record gives.
const maxFindings = 200

// build makes the tree of nodes with all that each item says by itself.
func (k *compiler) build(item *copybook.Item) {
	if item.Size > k.opts.Limits.record() {
		k.findings.Add(codeTooLarge, item.Pos, fmt.Sprintf("record %s has %d bytes at its maximum, and the limit is %d",
			item.Name, item.Size, k.opts.Limits.record()), "")
		return
	}
	top := item
	if len(item.Children) == 0 && item.Category != copybook.Group {
		// An elementary record becomes an object with one member.
		top = &copybook.Item{
			Level: -1, Name: item.Name, Children: []*copybook.Item{item},
			Offset: item.Offset, Size: item.Size, Pos: item.Pos,
		}
		if item.Occurs != nil {
			top.Size *= item.Occurs.Max
		}
	}
	k.root = k.node(top, nil)
	k.tables()
	k.root.walk(k.blocksOf)
	k.matchRules()
	k.names()
	k.root.walk(func(n *node) {
		if n.leaf == nil && !n.isGroup() {
			k.leafOf(n)
		}
	})
	k.redefinesRules()
	k.root.walk(k.checkVariable)
	k.root.walk(lenience)
}

func (k *compiler) finish() {
	k.types()
	k.sizes()
	k.template = make([]byte, k.max)
	k.defaults(k.root, k.template, 0)
	k.plan = k.wholePlan(k.root)
	k.plain = k.plan.plain()
	registers := k.registers
	k.walks.New = func() any { return &walk{regs: make([]register, registers)} }
	w, fs := k.writer(&transforms.Mapping{Type: k.root.typ, Source: documentSource{}})
	k.findings = append(k.findings, fs...)
	k.encoder = w
	k.syntax = []jsontext.Options{jsontext.AllowDuplicateNames(true)}
}

// node makes the node of an item and those below it.
func (k *compiler) node(it *copybook.Item, parent *node) *node {
	n := &node{item: it, parent: parent, reg: -1}
	k.byItem[it] = n
	n.policy = k.opts.Policy
	if parent != nil {
		n.policy = parent.policy
	}
	if k.opts.PolicyOf != nil && it.Level != -1 {
		n.policy = k.opts.PolicyOf(it, n.policy)
	}
	n.cs = k.charsetOf(it, parent)
	if it.Occurs != nil {
		n.table = &table{min: it.Occurs.Min, max: it.Occurs.Max}
		if it.Occurs.DependingOn == nil {
			n.table.min = n.table.max
		}
	}
	for _, c := range it.Children {
		n.kids = append(n.kids, k.node(c, n))
	}
	return n
}

// charsetOf is the code page of an item, prepared.
func (k *compiler) charsetOf(it *copybook.Item, parent *node) *charset {
	page := k.opts.Page
	if parent != nil {
		page = parent.cs.page
	}
	if k.opts.PageOf != nil && it.Level != -1 {
		if own := k.opts.PageOf(it, page); own != nil {
			page = own
		}
	}
	return k.prepared(page)
}

// prepared is the charset of a page, made once.
func (k *compiler) prepared(page *codepage.Page) *charset {
	if k.charsets[page] == nil {
		k.charsets[page] = newCharset(page)
	}
	return k.charsets[page]
}

// dialectOf is the dialect an item was laid out with.
func (k *compiler) dialectOf(n *node) *copybook.Dialect {
	if n.item.Dialect != nil {
		return n.item.Dialect
	}
	return &k.opts.Dialect
}

// tables resolves the counters of OCCURS DEPENDING ON.
func (k *compiler) tables() {
	seen := map[*node]bool{}
	k.root.walk(func(n *node) {
		seen[n] = true
		if n.table == nil || n.item.Occurs.DependingOn == nil {
			return
		}
		c := k.byItem[n.item.Occurs.DependingOn]
		switch {
		case c == nil:
			k.findings.Add(codeCounter, n.item.Pos, fmt.Sprintf("the counter %s of %s is not in this record",
				n.item.Occurs.DependingOn.Name, n.item.Name), "")
			return
		case !seen[c] || c.within(n):
			k.findings.Add(codeCounter, n.item.Pos, fmt.Sprintf("the counter %s of %s stands behind the table",
				c.item.Name, n.item.Name), "")
			return
		case c.isGroup() || c.item.Category != copybook.Numeric && c.item.Category != copybook.NoPicture || c.item.Scale > 0:
			k.findings.Add(codeCounter, n.item.Pos, fmt.Sprintf("the counter %s of %s is not an integer", c.item.Name, n.item.Name), "")
			return
		case !k.sameEntry(c, n):
			k.findings.Add(codeCounter, n.item.Pos, fmt.Sprintf("the counter %s of %s is itself in a table that %s is not in",
				c.item.Name, n.item.Name, n.item.Name), "")
			return
		}
		n.table.counter = c
		k.register(c)
	})
}

// sameEntry tells that every table around c is also around n, so that c has one value for n.
func (k *compiler) sameEntry(c, n *node) bool {
	for x := c; x != nil; x = x.parent {
		if x.table != nil && !n.within(x) {
			return false
		}
	}
	return true
}

func (k *compiler) register(n *node) {
	if n.reg < 0 {
		n.reg = k.registers
		k.registers++
	}
}

// blocksOf draws the children of a group together to parts.
func (k *compiler) blocksOf(n *node) {
	of := map[*copybook.Item]*block{}
	for i := range n.kids {
		kid := n.kids[i]
		base := kid.item.Redefines
		for base != nil && base.Redefines != nil {
			base = base.Redefines
		}
		first := k.byItem[base]
		if base == nil || first == nil {
			n.parts = append(n.parts, part{node: kid})
			continue
		}
		b := of[base]
		if b == nil {
			b = &block{alts: []*node{first}, off: first.off(), size: first.total(), id: k.Codec.blocks}
			k.Codec.blocks++
			first.block = b
			of[base] = b
			for j := range n.parts {
				if n.parts[j].node == first {
					n.parts[j] = part{block: b}
				}
			}
		}
		kid.block = b
		b.alts = append(b.alts, kid)
		b.size = max(b.size, kid.total())
	}
}

// checkVariable marks what varies in length and refuses it inside REDEFINES.
func (k *compiler) checkVariable(n *node) {
	if k.opts.Storage == Maximum || n.table == nil || n.table.counter == nil || n.table.min == n.table.max {
		return
	}
	for x := n; x != nil; x = x.parent {
		x.variable = true
		if x.block != nil {
			k.findings.Add(codeUnsupported, n.item.Pos, fmt.Sprintf("table %s varies in length inside the REDEFINES block of %s",
				n.item.Name, x.block.alts[0].item.Name), "use storage at maximum for this record")
			return
		}
	}
}

// sizes finds the least and greatest length of the record.
func (k *compiler) sizes() {
	k.max = k.root.size()
	k.min = k.max - k.slackIn(k.root)
}

// slackIn is how much shorter n can be than its maximum.
func (k *compiler) slackIn(n *node) int {
	less := 0
	defer func() { n.least = n.size() - less }()
	for _, kid := range n.kids {
		inner := k.slackIn(kid)
		if kid.table == nil {
			less += inner
			continue
		}
		least := kid.table.max
		if kid.variable && kid.table.counter != nil {
			least = kid.table.min
		}
		less += kid.total() - least*(kid.size()-inner)
	}
	return less
}

// Size returns the least and the greatest length of the record in bytes.
func (c *Codec) Size() (least, greatest int) { return c.min, c.max }

// Type returns the tree of the record: names, shapes and bounds.
func (c *Codec) Type() *transforms.Type { return c.root.typ }

// MatchedRules returns the rules that were for this record.
func (c *Codec) MatchedRules() []*specs.FieldRule { return c.matched }
