// SPDX-License-Identifier: Apache-2.0

// Package funcs holds the functions that expressions may call. Each is one transforms.Func value
// with its documentation and examples; the examples run as tests and make the reference page.
//
// To add one, call define in the file of its group and add it to that group's list. The signature
// says everything about the parameters: the accepted types, the names in error messages and what can
// be checked when a workspace is loaded are made from it. A function reads its arguments through the
// methods of arguments, which fail the call when one is absent or of another type; it gives the
// result, or what is wrong in words that hold no value. Results are bounded in one place.
package funcs

import (
	"slices"

	"lintel/specs"
	"lintel/transforms"
)

// All returns every function, grouped; those of lookup tables look into the given tables.
func All(tables ...*specs.Table) []transforms.Func {
	return withResults(tables, slices.Concat(textFuncs(), numberFuncs(), dateFuncs(), tableFuncs(tables), checksumFuncs(), byteFuncs()))
}

// Sample is the table that the examples of the functions look into.
func Sample() *specs.Table {
	return &specs.Table{
		Name: "currencies", File: "tables/currencies.csv", Columns: []string{"code", "number", "digits", "name"},
		Rows: [][]string{{"EUR", "978", "2", "Euro"}, {"JPY", "392", "0", "Yen"}, {"USD", "840", "2", "US Dollar"}},
	}
}

// fail makes an error whose text may be shown: it holds no value.
func fail(reason string) error { return &transforms.FuncError{Reason: reason} }
