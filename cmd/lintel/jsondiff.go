// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	stdjson "encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"lintel/transforms/json"
)

// jsonDifference is one place where a document is not what was wanted.
type jsonDifference struct {
	Pointer string `json:"pointer"`
	// Want and Got are JSON texts; "" for a member that is not there.
	Want string `json:"want,omitempty"`
	Got  string `json:"got,omitempty"`
}

// String says the difference in one line.
func (d jsonDifference) String() string {
	pointer := d.Pointer
	if pointer == "" {
		pointer = "(all)"
	}
	switch {
	case d.Got == "":
		return fmt.Sprintf("%s: want %s, it is not there", pointer, d.Want)
	case d.Want == "":
		return fmt.Sprintf("%s: got %s, which should not be there", pointer, d.Got)
	}
	return fmt.Sprintf("%s: want %s, got %s", pointer, d.Want, d.Got)
}

// jsonDifferences compares two documents. Everything that want says must be in got: all its members,
// at any depth. Arrays must have the same number of entries; numbers are compared by value. With
// exact, members that want does not have are differences too.
func jsonDifferences(got, want []byte, exact bool) []jsonDifference {
	w, okW := tree(want)
	g, okG := tree(got)
	if !okW || !okG {
		if bytes.Equal(got, want) {
			return nil
		}
		return []jsonDifference{{Want: string(want), Got: string(got)}}
	}
	d := differ{exact: exact}
	d.compare("", g, w)
	return d.out
}

// differ collects differences.
type differ struct {
	exact bool
	out   []jsonDifference
}

func (d *differ) add(pointer string, got, want any) {
	d.out = append(d.out, jsonDifference{Pointer: pointer, Want: jsonText(want), Got: jsonText(got)})
}

// absent stands for a member that is not there.
type absent struct{}

func jsonText(v any) string {
	if _, none := v.(absent); none {
		return ""
	}
	var b bytes.Buffer
	e := stdjson.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "?"
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (d *differ) compare(pointer string, got, want any) {
	switch want := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			d.add(pointer, got, want)
			return
		}
		d.objects(pointer, g, want)
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(want) {
			d.add(pointer, got, want)
			return
		}
		for i := range want {
			d.compare(fmt.Sprintf("%s/%d", pointer, i), g[i], want[i])
		}
	case stdjson.Number:
		if g, ok := got.(stdjson.Number); !ok || !json.Equal([]byte(g), []byte(want)) {
			d.add(pointer, got, want)
		}
	default:
		if got != want {
			d.add(pointer, got, want)
		}
	}
}

func (d *differ) objects(pointer string, got, want map[string]any) {
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if g, there := got[name]; there {
			d.compare(pointer+"/"+escape.Replace(name), g, want[name])
		} else {
			d.add(pointer+"/"+escape.Replace(name), absent{}, want[name])
		}
	}
	if !d.exact {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, there := want[name]; !there {
			d.add(pointer+"/"+escape.Replace(name), got[name], absent{})
		}
	}
}

func tree(doc []byte) (any, bool) {
	d := stdjson.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err == nil
}

// contains reports whether a JSON document holds everything that want says.
func contains(got, want []byte) bool {
	_, okG := tree(got)
	_, okW := tree(want)
	return okG && okW && len(jsonDifferences(got, want, false)) == 0
}
