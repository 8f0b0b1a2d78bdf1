// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func loadTables(t testing.TB, files map[string]string) ([]*Table, Findings) {
	t.Helper()
	fsys := base(t)
	for name, text := range files {
		fsys["tables/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	ws, found := LoadFS("tables", fsys, noEnv)
	return ws.Tables, found
}

// TestTables makes sure that values are kept as they are written: leading zeros, blanks, empty ones.
func TestTables(t *testing.T) {
	got, found := loadTables(t, map[string]string{
		"a.csv":  "\ufeffcode,name\r\n007,\"Bond, James\"\r\n08, x \r\n",
		"b.yaml": "010: yes\nNO: 1.50\n\"\": empty\n",
		"c.yaml": "EUR: {name: Euro, digits: \"02\"}\nUSD: {digits: \"\", name: Dollar}\n",
		"d.csv":  "code\nA\nB\n",
	})
	if len(found) != 1 || found[0].Code != CodeTableKey {
		t.Errorf("findings:\n%s", printFindings(found))
	}
	want := []*Table{
		{Name: "a", File: "tables/a.csv", Columns: []string{"code", "name"}, Rows: [][]string{{"007", "Bond, James"}, {"08", " x "}}},
		{Name: "c", File: "tables/c.yaml", Columns: []string{"key", "name", "digits"}, Rows: [][]string{{"EUR", "Euro", "02"}, {"USD", "Dollar", ""}}},
		{Name: "d", File: "tables/d.csv", Columns: []string{"code"}, Rows: [][]string{{"A"}, {"B"}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestTableLimits goes to the bounds of tables and one over them.
func TestTableLimits(t *testing.T) {
	rows := func(n int) string {
		var b strings.Builder
		b.WriteString("k,v\n")
		for i := range n {
			fmt.Fprintf(&b, "%d,\n", i)
		}
		return b.String()
	}
	columns := func(n int) string {
		names := make([]string, n)
		for i := range names {
			names[i] = fmt.Sprintf("c%d", i)
		}
		return strings.Join(names, ",") + "\n"
	}
	for _, tt := range []struct {
		name, text string
		want       string
	}{
		{"most rows", rows(maxTableRows), ""},
		{"more rows", rows(maxTableRows + 1), CodeTooLarge},
		{"most columns", columns(maxTableColumns), ""},
		{"more columns", columns(maxTableColumns + 1), CodeTooLarge},
		{"longest value", "k,v\na," + strings.Repeat("x", maxTableText) + "\n", ""},
		{"longer value", "k,v\na," + strings.Repeat("x", maxTableText+1) + "\n", CodeTooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, found := loadTables(t, map[string]string{"t.csv": tt.text})
			got := ""
			for _, f := range found {
				got += f.Code
			}
			if got != tt.want {
				t.Errorf("findings %q, want %q", got, tt.want)
			}
		})
	}
	many := map[string]string{}
	for i := range maxTables + 1 {
		many[fmt.Sprintf("t%d.csv", i)] = "k\n"
	}
	if _, found := loadTables(t, many); len(found) != 1 || found[0].Code != CodeTooLarge {
		t.Errorf("findings:\n%s", printFindings(found))
	}
}

// FuzzTableCSV: whatever a file holds, rows are as wide as the table, keys differ and places are inside.
func FuzzTableCSV(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a\n\"x\"\"y\"\n", "\ufeffa;b\n", "a,b\n1\n,\n", "a,\"b\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		l := &loader{fsys: fstest.MapFS{"t.csv": {Data: []byte(s)}}}
		l.fs = &l.findings
		table := &Table{Name: "t", File: "t.csv"}
		l.csvTable(table)
		keys := map[string]bool{}
		for _, row := range table.Rows {
			if len(row) != len(table.Columns) || keys[row[0]] {
				t.Fatalf("row %q of the columns %q", row, table.Columns)
			}
			keys[row[0]] = true
		}
		for _, found := range l.findings {
			if found.Line > strings.Count(s, "\n")+1 {
				t.Errorf("%v is behind the end", found)
			}
		}
	})
}
