// SPDX-License-Identifier: Apache-2.0

package main

import (
	"maps"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/funcs"
)

// TestTablesPage loads the tables of docs/reference/tables.md and runs its expressions.
func TestTablesPage(t *testing.T) {
	const page = "../../docs/reference/tables.md"
	files := baseFiles(t)
	maps.Copy(files, folderFiles(t, guideFiles(t, page)))
	ws, found := specs.LoadFS("tables", files, noEnv)
	if len(found) > 0 || len(ws.Tables) != 4 {
		t.Fatalf("%d tables, findings:\n%v", len(ws.Tables), found)
	}
	src, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	c := &transforms.Compiler{Funcs: funcs.All(ws.Tables...)}
	ran := 0
	for line := range strings.Lines(string(src)) {
		expression, result, ok := strings.Cut(strings.TrimSpace(line), "    ")
		if !ok || !strings.HasPrefix(line, "    ") {
			continue
		}
		ran++
		got, err := c.Evaluate(expression)
		if want, good := strings.CutPrefix(result, "gives "); good && (err != nil || got != want) {
			t.Errorf("%s = %s, %v; the page says %s", expression, got, err, want)
		}
		if want, bad := strings.CutPrefix(result, "fails: "); bad && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v; the page says %q", expression, err, want)
		}
	}
	if ran < 10 {
		t.Errorf("only %d expressions on the page", ran)
	}
}

// folderFiles reads the tables of a folder.
func folderFiles(t *testing.T, dir string) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	entries, err := os.ReadDir(dir + "/tables")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(dir + "/tables/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		out["tables/"+e.Name()] = &fstest.MapFile{Data: data}
	}
	return out
}
