// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	stdjson "encoding/json"

	"lintel/transforms/json"
)

// contains reports whether a JSON document holds everything that want says: all its members, at any
// depth. Arrays must have the same number of entries; numbers are compared by value.
func contains(got, want []byte) bool {
	g, okG := tree(got)
	w, okW := tree(want)
	return okG && okW && holds(g, w)
}

func tree(doc []byte) (any, bool) {
	d := stdjson.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err == nil
}

func holds(got, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		for name, w := range want {
			v, there := g[name]
			ok = ok && there && holds(v, w)
		}
		return ok
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(want) {
			return false
		}
		for i := range want {
			if !holds(g[i], want[i]) {
				return false
			}
		}
		return true
	case stdjson.Number:
		g, ok := got.(stdjson.Number)
		return ok && json.Equal([]byte(g), []byte(want))
	default:
		return got == want
	}
}
