// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// documented reads the tables of a page of the reference: the keys of the first column, by heading.
func documented(t *testing.T, page string) map[string][]string {
	t.Helper()
	data, err := os.ReadFile("../docs/reference/" + page)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string][]string{}
	heading := ""
	for line := range strings.Lines(string(data)) {
		if h, ok := strings.CutPrefix(line, "## "); ok {
			heading = strings.TrimSpace(h)
		}
		if row, ok := strings.CutPrefix(line, "| `"); ok {
			key, _, _ := strings.Cut(row, "`")
			keys[heading] = append(keys[heading], key)
		}
	}
	return keys
}

// TestConfigReference makes sure that docs/reference/lintel-yaml.md has every key that the binder
// knows, under the heading of its section, and none that it does not know.
func TestConfigReference(t *testing.T) {
	known := map[string][]string{}
	l := &loader{fsys: withKeys(base(t)), env: func(string) (string, bool) { return "1", true }}
	l.fs = &l.findings
	l.trace = func(key string) {
		section := strings.TrimPrefix(strings.NewReplacer("/backends/core", "/backends/NAME", "/backends/claims", "/backends/NAME", "/backends/orders", "/backends/NAME", "/backends/stock", "/backends/NAME", "/listeners/stock", "/listeners/NAME", "/listeners/events", "/listeners/NAME", "/listeners/copies", "/listeners/NAME", "/listeners/calls", "/listeners/NAME", "/schemes/login", "/schemes/NAME", "/schemes/key", "/schemes/NAME", "/schemes/tls", "/schemes/NAME", "/mobile/0", "/keys file", "/mobile/1", "/keys file", "/policies/slow", "/policies/NAME", "/policies/all", "/policies/NAME", "/partner/0", "/certificates file", "/partner/1", "/certificates file", "/partner/2", "/certificates file", "/partner/3", "/certificates file").Replace(path.Dir(key)), "/")
		section = strings.ReplaceAll(section, "/", ".")
		if section == "" {
			section = "Top level"
		}
		if !slices.Contains(known[section], path.Base(key)) {
			known[section] = append(known[section], path.Base(key))
		}
	}
	root, found := ParseYAML("lintel.yaml", []byte(fullConfig))
	if len(found) > 0 {
		t.Fatal(found)
	}
	l.config(&Config{}, root)
	inDocs := documented(t, "lintel-yaml.md")
	if len(known) < 9 {
		t.Fatalf("the binder told only of the sections %v", known)
	}
	for section, keys := range known {
		want, got := sorted(keys), sorted(inDocs[section])
		if !slices.Equal(want, got) {
			t.Errorf("section %q: the binder knows %v, the page has %v", section, want, got)
		}
	}
}

// TestReferenceExamples loads the examples of the reference: they must be what Lintel reads.
func TestReferenceExamples(t *testing.T) {
	fsys := base(t)
	for _, name := range []string{"tls/ca.pem", "tls/lintel.pem", "tls/lintel.key"} {
		fsys[name] = &fstest.MapFile{Data: []byte("not looked at here")}
	}
	transfer := fsys["transforms/makeTransfer.yaml"] // the last example is the test of its inquiry
	transfer.Data = append(slices.Clone(transfer.Data), "inquiry:\n  request: {record: copybooks/ACCTINQ.cpy#INQ-REQUEST}\n  reply: {record: copybooks/ACCTINQ.cpy#INQ-REPLY}\n"...)
	blocks := append(fenced(t, "lintel-yaml.md"), fenced(t, "workspace.md")...)
	names := []string{"lintel.yaml", "records.yaml", "tests/getAccount.yaml", "tests/makeTransfer.yaml"}
	if len(blocks) != len(names) {
		t.Fatalf("%d examples, want %d", len(blocks), len(names))
	}
	for i, name := range names {
		fsys[name] = &fstest.MapFile{Data: []byte(blocks[i])}
	}
	_, found := LoadFS("docs", fsys, noEnv)
	// The contract of the base asks for no security.
	found = slices.DeleteFunc(found, func(f Finding) bool { return f.Code == CodeSchemeUnused })
	if len(found) > 0 {
		t.Errorf("findings:\n%s", printFindings(found))
	}
}

// fenced returns the YAML blocks of a page.
func fenced(t *testing.T, page string) []string {
	t.Helper()
	data, err := os.ReadFile("../docs/reference/" + page)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for i, part := range strings.Split(string(data), "```") {
		if text, ok := strings.CutPrefix(part, "yaml\n"); ok && i%2 == 1 {
			blocks = append(blocks, text)
		}
	}
	return blocks
}

// TestSimulateReference makes sure that docs/reference/simulate.md has every key of simulate.yaml, and none that it does not have.
func TestSimulateReference(t *testing.T) {
	known := map[string]bool{}
	l := &loader{}
	l.fs, l.trace = &l.findings, func(key string) { known[path.Base(key)] = true }
	for _, file := range goodFiles(t) {
		if f := file[simulateFile]; f != nil {
			root, _ := ParseYAML(simulateFile, f.Data)
			l.simulation(&Simulation{}, root)
		}
	}
	page := documented(t, "simulate.md")
	var all []string
	for _, heading := range []string{"simulate.yaml", "Rules and rows", "Faults"} {
		all = append(all, page[heading]...)
	}
	text, err := os.ReadFile("../docs/reference/simulate.md")
	if err != nil {
		t.Fatal(err)
	}
	if len(known) < 15 {
		t.Fatalf("the binder told only of %v", known)
	}
	for key := range known {
		if !strings.Contains(string(text), "`"+key+"`") {
			t.Errorf("%s is not on the page", key)
		}
	}
	for _, key := range all {
		if !known[key] && !slices.Contains(FaultWords(), key) && key != "request" && key != "properties" {
			t.Errorf("the page has %s, which the binder does not know", key)
		}
	}
}
