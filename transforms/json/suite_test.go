// SPDX-License-Identifier: Apache-2.0

package json

import (
	stdjson "encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"lintel/specs"
	"lintel/transforms"
)

// suiteGroup is one schema of the suite with its documents.
type suiteGroup struct {
	Description string
	Schema      stdjson.RawMessage
	Tests       []struct {
		Description string
		Data        stdjson.RawMessage
		Valid       bool
	}
}

// TestSchemaSuite reads the test suite of JSON Schema 2020-12 as schemas of a workspace and documents by their plain
// meaning. What a schema asks for is enforced as the suite says, or it is a finding.
func TestSchemaSuite(t *testing.T) {
	const dir = "../../.build/schemasuite"
	if out, err := exec.Command("../../scripts/peers/schemasuite.sh").CombinedOutput(); err != nil {
		if os.Getenv("LINTEL_REQUIRE_PEERS") == "1" {
			t.Fatalf("the test suite of JSON Schema is missing: %v\n%s", err, out)
		}
		t.Skipf("NOT TESTED: the test suite of JSON Schema is missing: %v\n%s", err, out)
	}
	files, err := filepath.Glob(dir + "/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s: %v", dir, err)
	}
	done := map[string]int{}
	refused := map[string]int{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var groups []suiteGroup
		if err := stdjson.Unmarshal(text, &groups); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		keyword := strings.TrimSuffix(filepath.Base(file), ".json")
		for _, g := range groups {
			if asserted(keyword) {
				continue
			}
			if suiteGroupRuns(t, keyword, g) {
				done[keyword] += len(g.Tests)
			} else {
				refused[keyword]++
			}
		}
	}
	t.Logf("documents read as the suite says: %v", done)
	if diff := cmp.Diff(suiteRefused(), refused); diff != "" {
		t.Errorf("schemas that are findings (-want +got):\n%s", diff)
	}
}

// suiteRefused counts the schemas of each file of the suite that are findings, as the reference says.
func suiteRefused() map[string]int {
	return map[string]int{
		// $anchor, $dynamicRef, $id as the base of references, and references to what is no file of the workspace
		"anchor": 4, "defs": 1, "dynamicRef": 20, "ref": 15, "refRemote": 15, "unevaluatedItems": 1, "unevaluatedProperties": 1,
		// other dialects than 2020-12
		"vocabulary": 2,
		// keywords without the one that gives them a meaning
		"if-then-else": 3, "maxContains": 1, "minContains": 2, // of these one is an array that cannot be
	}
}

// asserted tells the files of what the suite takes for annotations and Lintel enforces: format and contentEncoding.
func asserted(keyword string) bool { return keyword == "format" || keyword == "content" }

// suiteGroupRuns reads the documents of a group; it is false if its schema is a finding.
func suiteGroupRuns(t *testing.T, keyword string, g suiteGroup) bool {
	ws := &specs.Workspace{FS: fstest.MapFS{"s.json": {Data: g.Schema}}}
	s, findings := ws.HostSchema(&specs.Node{Text: "s.json"})
	if findings.HasErrors() {
		t.Logf("%s: %s: %v", keyword, g.Description, findings)
		return false
	}
	mt, findings := New(s, Options{Direction: Hosts})
	if findings.HasErrors() {
		t.Logf("%s: %s: %v", keyword, g.Description, findings)
		return false
	}
	r, _ := mt.Format.Reader(&transforms.Capture{Type: mt.Type, Slot: -1})
	for _, one := range g.Tests {
		if err := r.Read(one.Data, new(transforms.Slots), 0); (err == nil) != one.Valid {
			t.Errorf("%s: %s: %s: %v", keyword, g.Description, one.Description, err)
		}
	}
	return true
}
