// SPDX-License-Identifier: Apache-2.0

package record

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFaultsInDocs holds the table of codes in docs/reference/records.md to the codes there are.
func TestFaultsInDocs(t *testing.T) {
	page, err := os.ReadFile("../../docs/reference/records.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := cutSection(string(page), "## Errors of fields\n")
	if !found {
		t.Fatal("the section on errors is missing")
	}
	var documented, codes []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|").FindAllStringSubmatch(section, -1) {
		documented = append(documented, m[1])
	}
	for f := ok + 1; f <= faultLast; f++ {
		code, reason := f.explain()
		if code == "" || reason == "" {
			t.Errorf("fault %d has no explanation", f)
		}
		codes = append(codes, code)
	}
	slices.Sort(codes)
	if diff := cmp.Diff(slices.Compact(codes), documented); diff != "" {
		t.Errorf("codes there are, and those in the table (-, +), in the order of the alphabet:\n%s", diff)
	}
}

// cutSection gives what stands behind a heading, to the next one of its rank.
func cutSection(page, heading string) (before, section string, found bool) {
	at := regexp.MustCompile("(?m)^" + regexp.QuoteMeta(heading)).FindStringIndex(page)
	if at == nil {
		return page, "", false
	}
	rest := page[at[1]:]
	if next := regexp.MustCompile("(?m)^## ").FindStringIndex(rest); next != nil {
		rest = rest[:next[0]]
	}
	return page[:at[0]], rest, true
}
