// SPDX-License-Identifier: Apache-2.0

package codepage

import (
	"slices"
	"strconv"
	"strings"
	"sync"
)

// class tells how a page lays out its bytes.
type class uint8

const (
	classEBCDIC class = iota // single bytes, EBCDIC
	classMixed               // EBCDIC single bytes, and double bytes between SO and SI
	classASCII               // single bytes, 00 to 7F as in ASCII
	classUTF8
)

// row is a page as the generator writes it.
type row struct {
	name    string
	number  int
	class   class
	aliases string // by comma, normalized
	about   string
	table   string // 256 code points
	set     int    // of double bytes, -1 for none
}

// swapped marks the name of a page in which X'15' and X'25' change places.
const swapped = ",swaplfnl"

// entry is a page of the catalog, built at its first use.
type entry struct {
	row  row
	swap bool
	page func() *Page
}

// catalog is immutable after its construction.
type catalog struct {
	names   []string          // canonical, without the swapped twins, sorted
	entries map[string]*entry // by canonical name
	aliases map[string]string // from normalized name to canonical name
}

// theCatalog is the read-only catalog, made at the first Lookup; nothing can be added to it.
var theCatalog = sync.OnceValue(newCatalog) //nolint:gochecknoglobals // immutable once made

func newCatalog() *catalog {
	c := &catalog{entries: map[string]*entry{}, aliases: map[string]string{}}
	all := append(rows(), row{name: "utf-8", number: 1208, class: classUTF8, about: "UTF-8", set: -1})
	doubles := newDoubles()
	for _, r := range all {
		c.add(r, false, doubles)
		if r.class == classEBCDIC || r.class == classMixed {
			c.add(r, true, doubles)
		}
	}
	for _, r := range all { // exact names first: an alias never takes the name of a page
		for _, a := range strings.Split(r.aliases, ",") {
			if key := normalize(a); key != "" && c.aliases[key] == "" {
				c.aliases[key] = r.name
			}
		}
		if n := strconv.Itoa(r.number); r.number != 0 && c.aliases[n] == "" {
			c.aliases[n] = r.name
		}
	}
	slices.Sort(c.names)
	return c
}

func (c *catalog) add(r row, swap bool, doubles func(int) *doubleSet) {
	e := &entry{row: r, swap: swap}
	e.page = sync.OnceValue(func() *Page { return newPage(e.row, e.swap, doubles) })
	name := r.name
	if swap {
		name += swapped
	} else {
		c.names = append(c.names, name)
	}
	c.entries[name] = e
	c.aliases[normalize(name)] = name
}

// normalize makes one key of the ways to write a name: letter case, blanks,
// the prefixes IBM, CP, CCSID and Windows before a number, hyphens,
// underscores and leading zeros do not count; ",swaplfnl" does.
func normalize(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	suffix := ""
	for _, s := range []string{swapped, "-s390"} { // ICU knows the twins of 37 and 1047 by the second, too
		if cut, ok := strings.CutSuffix(name, s); ok {
			name, suffix = cut, swapped
			break
		}
	}
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune("-_ .:", r) {
			return -1
		}
		return r
	}, name)
	for _, prefix := range []string{"ibm", "xibm", "cp", "ccsid", "windows"} {
		if cut, ok := strings.CutPrefix(name, prefix); ok && isNumber(cut) {
			name = cut
			break
		}
	}
	if isNumber(name) {
		name = strings.TrimLeft(name, "0")
	}
	return name + suffix
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// Lookup returns the code page of that name. It takes the canonical names
// (see Names) and the usual other ways to write them: cp037, 037, 37, ibm-037,
// IBM037 are one page, so are iso8859-1, ISO-8859-1, latin1 and cp819.
// ",swaplfnl" after the name of an EBCDIC page asks for the page with X'15'
// and X'25' exchanged, as z/OS UNIX uses 1047. The tables of a page are built
// at its first use and shared. An unknown name gives an *UnknownPageError.
func Lookup(name string) (*Page, error) {
	c := theCatalog()
	if canonical, ok := c.aliases[normalize(name)]; ok {
		return c.entries[canonical].page(), nil
	}
	return nil, &UnknownPageError{Name: shorten(name), Close: c.near(name)}
}

// Names returns the canonical names of all pages, sorted. Those of EBCDIC
// pages may take ",swaplfnl" in addition; these variants are not listed.
func Names() []string { return slices.Clone(theCatalog().names) }

// shorten keeps a name from outside from filling a message.
func shorten(name string) string {
	const most = 40
	if len(name) <= most {
		return name
	}
	return strings.ToValidUTF8(name[:most], "") + "..."
}

// near returns up to three canonical names that are one or two edits away.
func (c *catalog) near(name string) []string {
	key := normalize(shorten(name))
	type hit struct {
		name string
		cost int
	}
	var hits []hit
	for alias, canonical := range c.aliases {
		cost := distance(key, alias)
		if cost > 2 || cost >= len(strings.TrimSuffix(key, swapped)) || strings.HasSuffix(alias, swapped) != strings.HasSuffix(key, swapped) {
			continue
		}
		if i := slices.IndexFunc(hits, func(h hit) bool { return h.name == canonical }); i >= 0 {
			hits[i].cost = min(hits[i].cost, cost)
			continue
		}
		hits = append(hits, hit{canonical, cost})
	}
	slices.SortFunc(hits, func(a, b hit) int {
		if a.cost != b.cost {
			return a.cost - b.cost
		}
		return strings.Compare(a.name, b.name)
	})
	var names []string
	for _, h := range hits[:min(3, len(hits))] {
		names = append(names, h.name)
	}
	return names
}

// distance is the number of single-byte edits between two names; two neighbors
// that changed places are one edit.
func distance(a, b string) int {
	before, last, line := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range line {
		line[j] = j
	}
	for i := range len(a) {
		before, last, line = last, line, before
		line[0] = i + 1
		for j := range len(b) {
			if a[i] == b[j] {
				line[j+1] = last[j]
				continue
			}
			line[j+1] = 1 + min(last[j], last[j+1], line[j])
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				line[j+1] = min(line[j+1], before[j-1]+1)
			}
		}
	}
	return line[len(b)]
}
