// SPDX-License-Identifier: Apache-2.0

package copybook

import (
	"fmt"
	"slices"
	"strings"

	"lintel/specs"
)

// dialectOf is the dialect an entry is laid out with.
func (p *parser) dialectOf(e *entry) *Dialect {
	if e.dialect != nil {
		return e.dialect
	}
	return &p.o.Dialect
}

// override gives entries the dialects of Options.Overrides.
func (p *parser) override() {
	for i := range p.o.Overrides {
		o := &p.o.Overrides[i]
		hits := p.overridden(o.Names)
		if len(hits) == 1 {
			hits[0].dialect = &o.Dialect
			continue
		}
		path, what := strings.Join(o.Names, "."), "is no item of the book"
		if len(hits) > 1 {
			what = "means more than one item"
		}
		p.errorAt(codeOverride, specs.Pos{File: p.book.File, Line: 1, Column: 1}, fmt.Sprintf("a dialect is given for %s, which %s", clip(path), what), "write the path from the record on")
	}
}

// overridden returns the entries a path means: its first name is the record.
func (p *parser) overridden(path []string) []*entry {
	if len(path) == 0 {
		return nil
	}
	names := make([]string, len(path))
	for i, n := range path {
		names[i] = strings.ToUpper(n)
	}
	slices.Reverse(names)
	var hits []*entry
	for _, e := range p.search(nil, names) {
		if root(e).name == names[len(names)-1] && (len(names) > 1 || e.parent == nil) {
			hits = append(hits, e)
		}
	}
	return hits
}
