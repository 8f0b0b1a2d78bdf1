// SPDX-License-Identifier: Apache-2.0

package funcs

import (
	"fmt"
	"slices"

	"lintel/specs"
	"lintel/transforms"
)

// library is the tables of a workspace, with what is needed to find rows quickly. It is not changed
// once it is made.
type library map[string]*table

type table struct {
	*specs.Table
	// rows finds a row by its key.
	rows map[string]int
	// reverse finds a row by the value of a column, for columns whose values are all different.
	reverse []map[string]int
}

func newLibrary(tables []*specs.Table) library {
	lib := library{}
	for _, t := range tables {
		lt := &table{Table: t, reverse: make([]map[string]int, len(t.Columns))}
		for i := range t.Columns {
			lt.reverse[i] = index(t, i)
		}
		if len(lt.reverse) > 0 {
			lt.rows = lt.reverse[0]
		}
		lib[t.Name] = lt
	}
	return lib
}

// index finds rows by a column; nil if a value of it stands twice.
func index(t *specs.Table, column int) map[string]int {
	m := make(map[string]int, len(t.Rows))
	for i, row := range t.Rows {
		if _, twice := m[row[column]]; twice {
			return nil
		}
		m[row[column]] = i
	}
	return m
}

// tableFuncs are the functions of code lists and lookup tables.
func tableFuncs(tables []*specs.Table) []transforms.Func {
	lib := newLibrary(tables)
	lookup := define("tables", "lookup(table, key, column, default?) text",
		"Finds the row with that key in a table of the workspace and gives its value in that column. "+
			"It fails when there is no such key, unless a default is given. Table, column and key are checked when the workspace is loaded, as far as they are written out.",
		lib.lookup,
		gives(`lookup("currencies", "EUR", "name")`, `"Euro"`), gives(`lookup("currencies", "EUR", "digits", "2")`, `"2"`),
		gives(`lookup("currencies", "XX" + "X", "name", "unknown")`, `"unknown"`), fails(`lookup("currencies", "XX" + "X", "name")`, "no such key"),
		fails(`lookup("currencies", "EURO", "name")`, `has no key "EURO"`), fails(`lookup("currencies", "EUR", "nam")`, `has no column "nam"`))
	lookup.Check = func(args []transforms.FuncArg) *transforms.FuncMistake { return lib.check(args, 0, 2) }
	by := define("tables", "lookupBy(table, from: column, value, column, default?) text",
		"Finds the row with that value in the column from, whose values must all be different, and gives its value in another column: the way back from a host code.",
		lib.lookupBy,
		gives(`lookupBy("currencies", "number", "978", "code")`, `"EUR"`), gives(`lookupBy("currencies", "number", "0" + "00", "code", "")`, `""`),
		fails(`lookupBy("currencies", "digits", "2", "code")`, "stand in it twice"))
	by.Check = func(args []transforms.FuncArg) *transforms.FuncMistake { return lib.check(args, 1, 3) }
	has := define("tables", "inTable(table, key) boolean",
		"Tells whether a table of the workspace has that key.",
		func(a *arguments) any {
			t := lib.table(a)
			if t == nil {
				return nil
			}
			_, found := t.rows[a.text(1)]
			return found
		},
		gives(`inTable("currencies", "EUR")`, `true`), gives(`inTable("currencies", "XXX")`, `false`))
	has.Check = func(args []transforms.FuncArg) *transforms.FuncMistake {
		_, m := lib.checkTable(args)
		return m
	}
	return []transforms.Func{lookup, by, has}
}

// table gives the table that the first argument names.
func (lib library) table(a *arguments) *table {
	t := lib[a.text(0)]
	if a.ok() && t == nil {
		a.fail("there is no such table")
	}
	return t
}

// column gives the place of the column that an argument names.
func (t *table) column(a *arguments, i int) int {
	c := slices.Index(t.Columns, a.text(i))
	if a.ok() && c < 0 {
		a.fail("the table has no such column")
	}
	return max(c, 0)
}

func (lib library) lookup(a *arguments) any {
	t := lib.table(a)
	if t == nil {
		return nil
	}
	column, key := t.column(a, 2), a.text(1)
	row, found := t.rows[key]
	return t.value(a, row, found, column, 3)
}

func (lib library) lookupBy(a *arguments) any {
	t := lib.table(a)
	if t == nil {
		return nil
	}
	from, column := t.column(a, 1), t.column(a, 3)
	if a.ok() && t.reverse[from] == nil {
		return a.fail("values stand twice in the column from")
	}
	if !a.ok() {
		return nil
	}
	row, found := t.reverse[from][a.text(2)]
	return t.value(a, row, found, column, 4)
}

// value gives a value of a row that was found, else the default.
func (t *table) value(a *arguments, row int, found bool, column, standIn int) any {
	switch {
	case !a.ok():
		return nil
	case found:
		return t.Rows[row][column]
	case a.given(standIn):
		return a.text(standIn)
	default:
		return a.fail("the table has no such key")
	}
}

// check looks at what is written out of a call: the table, the column that is searched (argument
// from; 0 means the key) with the value in the argument behind it, and the column that is wanted.
func (lib library) check(args []transforms.FuncArg, from, column int) *transforms.FuncMistake {
	t, m := lib.checkTable(args)
	if t == nil {
		return m
	}
	searched, ok := 0, true
	if from > 0 {
		searched, ok, m = t.checkColumn(args, from)
		if m == nil && ok && t.reverse[searched] == nil {
			m = &transforms.FuncMistake{Arg: from, Message: fmt.Sprintf("values of the column %q of table %q stand in it twice", t.Columns[searched], t.Name), Hint: "search by the key, or by a column whose values are all different"}
		}
	}
	if m != nil {
		return m
	}
	if _, _, m = t.checkColumn(args, column); m != nil || !ok {
		return m
	}
	return t.checkKey(args, from+1, searched, column+1)
}

func (lib library) checkTable(args []transforms.FuncArg) (*table, *transforms.FuncMistake) {
	name, known := literal(args, 0)
	if !known {
		return nil, nil
	}
	if t := lib[name]; t != nil {
		return t, nil
	}
	names := make([]string, 0, len(lib))
	for n := range lib {
		names = append(names, n)
	}
	slices.Sort(names)
	hint := oneOf(name, names)
	if hint == "" {
		hint = fmt.Sprintf("add the file tables/%s.csv or tables/%s.yaml", name, name)
	}
	return nil, &transforms.FuncMistake{Message: fmt.Sprintf("there is no table %q", name), Hint: hint}
}

// checkColumn looks at an argument that names a column; ok tells that it is known and right.
func (t *table) checkColumn(args []transforms.FuncArg, i int) (column int, ok bool, m *transforms.FuncMistake) {
	name, known := literal(args, i)
	if !known {
		return 0, false, nil
	}
	if c := slices.Index(t.Columns, name); c >= 0 {
		return c, true, nil
	}
	return 0, false, &transforms.FuncMistake{Arg: i, Message: fmt.Sprintf("table %q has no column %q", t.Name, name), Hint: oneOf(name, t.Columns)}
}

// checkKey looks at a key that is written out: without a default it must be there.
func (t *table) checkKey(args []transforms.FuncArg, i, column, standIn int) *transforms.FuncMistake {
	key, known := literal(args, i)
	if _, found := t.reverse[column][key]; !known || found || len(args) > standIn {
		return nil
	}
	keys := make([]string, len(t.Rows))
	for r, row := range t.Rows {
		keys[r] = row[column]
	}
	return &transforms.FuncMistake{Arg: i, Message: fmt.Sprintf("table %q has no key %q", t.Name, key), Hint: oneOf(key, keys)}
}

// literal gives a text that is written out.
func literal(args []transforms.FuncArg, i int) (string, bool) {
	if i >= len(args) || !args[i].Known {
		return "", false
	}
	s, ok := args[i].Value.(string)
	return s, ok
}
