// SPDX-License-Identifier: Apache-2.0

// Package funcs holds the functions that expressions may call. Each is one transforms.Func value
// with its documentation and examples; the examples run as tests and make the reference page.
// To add one, write it in the file of its group and add it to that group's list.
package funcs

import "lintel/transforms"

// All returns every function, grouped.
func All() []transforms.Func {
	var out []transforms.Func
	for _, group := range [][]transforms.Func{textFuncs(), numberFuncs(), dateFuncs(), checksumFuncs(), byteFuncs()} {
		out = append(out, group...)
	}
	return out
}

// fail makes an error whose text may be shown: it holds no value.
func fail(reason string) error { return &transforms.FuncError{Reason: reason} }
