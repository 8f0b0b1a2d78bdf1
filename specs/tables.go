// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// tablesDir is the folder of lookup tables.
const tablesDir = "tables"

// Bounds of one table.
const (
	maxTableRows    = 50_000
	maxTableColumns = 100
	maxTableText    = 4096
	maxTables       = 500
)

// Names of the columns of a YAML table that has single values.
const (
	keyColumn   = "key"
	valueColumn = "value"
)

// Table is one file of tables/: a code list or lookup table. All values are texts, as written.
type Table struct {
	// Name is the file's name without its ending.
	Name string
	File string
	// Columns are the names of the columns. The first is the key: its values are all different.
	Columns []string
	// Rows have one text for each column, in the order of the file.
	Rows [][]string
}

// tables reads the files of tables/: NAME.csv and NAME.yaml.
func (l *loader) tables(ws *Workspace) {
	seen := map[string]string{}
	for _, file := range l.tableFiles() {
		ext := path.Ext(file)
		t := &Table{Name: strings.TrimSuffix(path.Base(file), ext), File: file}
		if before := seen[t.Name]; before != "" {
			l.findings.Add(CodeTableName, Pos{File: file}, fmt.Sprintf("there are two tables %q", t.Name), "the other is "+before+"; rename one")
			continue
		}
		seen[t.Name] = file
		read := l.yamlTable
		if ext == ".csv" {
			read = l.csvTable
		}
		if read(t) {
			ws.Tables = append(ws.Tables, t)
		}
	}
}

func (l *loader) tableFiles() []string {
	entries, err := fs.ReadDir(l.fsys, tablesDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		if info, serr := fs.Stat(l.fsys, tablesDir); serr == nil && !info.IsDir() {
			err = errNotFolder
		}
		l.fileFault(tablesDir, err, "check the name and the permissions")
		return nil
	}
	var files []string
	for _, e := range entries {
		name := tablesDir + "/" + e.Name()
		ext := path.Ext(name)
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir() || ext != ".csv" && ext != ".yaml":
			l.findings.Warn(CodeStray, Pos{File: name}, "this is not read: tables end in .csv or .yaml", "rename it, or move it to another folder")
		case !validTableName(strings.TrimSuffix(e.Name(), ext)):
			l.findings.Add(CodeTableName, Pos{File: name}, "the name of the table is not usable", "use up to 64 letters, digits, - and _, beginning with a letter")
		default:
			files = append(files, name)
		}
	}
	if len(files) > maxTables {
		l.findings.Add(CodeTooLarge, Pos{File: tablesDir}, fmt.Sprintf("the folder holds %d tables, at most %d are read", len(files), maxTables), "put lists that belong together into one table with several columns")
		return nil
	}
	return files
}

// validTableName reports whether s can name a table: as backends are named.
func validTableName(s string) bool { return validBackendName(s) }

// csvTable reads comma-separated values (RFC 4180) whose first line names the columns.
func (l *loader) csvTable(t *Table) bool {
	src, err := readFile(l.fsys, t.File)
	if err != nil {
		l.fileFault(t.File, err, "check the permissions")
		return false
	}
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	if !utf8.Valid(src) {
		l.findings.Add(CodeNotUTF8, Pos{File: t.File}, "the file is not UTF-8", "save it as UTF-8")
		return false
	}
	c := &csvReader{l: l, t: t, lines: bytes.Split(src, []byte("\n")), r: csv.NewReader(bytes.NewReader(src))}
	c.r.FieldsPerRecord = -1
	return c.read()
}

// csvReader reads one CSV table; its findings have the place of the value.
type csvReader struct {
	l     *loader
	t     *Table
	r     *csv.Reader
	lines [][]byte
}

func (c *csvReader) read() bool {
	before := len(c.l.findings)
	first := map[string]Pos{}
	for {
		row, err := c.r.Read()
		switch {
		case errors.Is(err, io.EOF):
			if c.t.Columns == nil && len(c.l.findings) == before {
				c.l.findings.Add(CodeTable, Pos{File: c.t.File, Line: 1, Column: 1}, "the table is empty", "begin it with a line that names the columns")
			}
			return len(c.l.findings) == before
		case err != nil:
			c.syntax(err)
			return false
		case c.t.Columns == nil:
			if !c.header(row) {
				return false
			}
		case !c.row(row, first):
			return false
		}
	}
}

// syntax reports a quote that is out of place: what follows it cannot be read.
func (c *csvReader) syntax(err error) {
	var pe *csv.ParseError
	pos := Pos{File: c.t.File}
	if errors.As(err, &pe) {
		pos = c.place(pe.Line, pe.Column)
		err = pe.Err
	}
	c.l.findings.Add(CodeTable, pos, "the table cannot be read: "+err.Error(), `put a value that holds a comma, a quote or a line break in quotes, and write its quotes twice: "say ""no"""`)
}

// place turns a column in bytes into one in characters.
func (c *csvReader) place(line, column int) Pos {
	if line < 1 || line > len(c.lines) {
		return Pos{File: c.t.File}
	}
	text := c.lines[line-1]
	return Pos{File: c.t.File, Line: line, Column: utf8.RuneCount(text[:min(max(column-1, 0), len(text))]) + 1}
}

func (c *csvReader) at(i int) Pos { return c.place(c.r.FieldPos(i)) }

func (c *csvReader) header(names []string) bool {
	if len(names) > maxTableColumns {
		c.l.findings.Add(CodeTooLarge, c.at(0), fmt.Sprintf("the table has %d columns, at most %d are read", len(names), maxTableColumns), "split it")
		return false
	}
	if len(names) == 1 && strings.ContainsAny(names[0], ";\t|") {
		c.l.findings.Add(CodeTable, c.at(0), "the line that names the columns has no comma", "separate the values by commas")
		return false
	}
	for i, name := range names {
		names[i] = strings.TrimSpace(name)
		switch {
		case names[i] == "":
			c.l.findings.Add(CodeTable, c.at(i), fmt.Sprintf("column %d has no name", i+1), "the first line names the columns")
			return false
		case slices.Contains(names[:i], names[i]):
			c.l.findings.Add(CodeTable, c.at(i), fmt.Sprintf("there are two columns %q", names[i]), "rename one")
			return false
		}
	}
	c.t.Columns = names
	return true
}

// row takes one row; false when nothing more of the table is to be read.
func (c *csvReader) row(row []string, first map[string]Pos) bool {
	pos := c.at(0)
	if !c.l.tableSize(c.t, pos, row) {
		return false
	}
	if len(row) != len(c.t.Columns) {
		c.l.findings.Add(CodeTable, pos, fmt.Sprintf("this row has %d values, and the table %d columns", len(row), len(c.t.Columns)), "give every column a value; an empty one is written as nothing between two commas")
		return true
	}
	c.l.tableRow(c.t, row, pos, first)
	return true
}

// tableSize reports a table that grows too large.
func (l *loader) tableSize(t *Table, pos Pos, row []string) bool {
	if len(t.Rows) >= maxTableRows {
		l.findings.Add(CodeTooLarge, pos, fmt.Sprintf("the table has more than %d rows", maxTableRows), "keep large sets of data in the host")
		return false
	}
	for _, v := range row {
		if len(v) > maxTableText {
			l.findings.Add(CodeTooLarge, pos, fmt.Sprintf("a value of this row is longer than %d bytes", maxTableText), "shorten it")
			return false
		}
	}
	return true
}

// tableRow appends a row whose key is new.
func (l *loader) tableRow(t *Table, row []string, pos Pos, first map[string]Pos) {
	if before, twice := first[row[0]]; twice {
		l.findings.Add(CodeTableKey, pos, "the key of this row is there already", fmt.Sprintf("the first is in line %d; remove one of the rows", before.Line))
		return
	}
	if row[0] == "" {
		l.findings.Add(CodeTableKey, pos, "this row has no key", "the first column is the key; give it a value")
		return
	}
	first[row[0]] = pos
	t.Rows = append(t.Rows, row)
}

// yamlTable reads a map from keys to values, or to maps from columns to values.
func (l *loader) yamlTable(t *Table) bool {
	before := len(l.findings)
	root, ok := l.document(t.File, true)
	if !ok || !l.isMap(root, "a table") {
		return false
	}
	if len(root.Fields) == 0 {
		l.add(CodeTable, root, "the table is empty", "write key: value, or key: {column: value}")
	}
	first := map[string]Pos{}
	for _, f := range root.Fields {
		row := l.yamlRow(t, f.Key, f.Value)
		if row == nil {
			continue
		}
		if !l.tableSize(t, f.Key.Pos, row) {
			break
		}
		l.tableRow(t, row, f.Key.Pos, first)
	}
	return len(l.findings) == before
}

// yamlRow binds one row. The first says which columns there are.
func (l *loader) yamlRow(t *Table, key, value *Node) []string {
	names := []string{keyColumn, valueColumn}
	if value.Kind == MapNode {
		names = names[:1]
		for _, f := range value.Fields {
			names = append(names, f.Key.Text)
		}
	}
	if t.Columns == nil && len(names) <= maxTableColumns && !slices.Contains(names[1:], keyColumn) {
		t.Columns = names
	}
	if value.Kind != MapNode {
		if !slices.Equal(t.Columns, names) {
			l.add(CodeTable, value, "this row has a single value, and others have columns", "write {column: value} for every column")
			return nil
		}
		if !l.scalar(value, "a value of a table") {
			return nil
		}
		return []string{key.Text, value.Text}
	}
	return l.yamlColumns(t, key, value)
}

func (l *loader) yamlColumns(t *Table, key, value *Node) []string {
	if t.Columns == nil {
		l.add(CodeTable, value, fmt.Sprintf("a table has up to %d columns, and none is named key", maxTableColumns), "key is the name of what stands in front of the colon")
		return nil
	}
	row, good := []string{key.Text}, true
	for _, name := range t.Columns[1:] {
		v := value.Get(name)
		if v == nil {
			l.add(CodeTable, value, fmt.Sprintf("this row has no %q", name), `give every row the columns of the first; an empty value is ""`)
			good = false
			continue
		}
		good = l.scalar(v, "a value of a table") && good
		row = append(row, v.Text)
	}
	for _, f := range value.Fields {
		if !slices.Contains(t.Columns[1:], f.Key.Text) {
			l.add(CodeTable, f.Key, fmt.Sprintf("there is no column %q in the first row", f.Key.Text), didYouMean(f.Key.Text, t.Columns[1:]))
			good = false
		}
	}
	if !good {
		return nil
	}
	return row
}
