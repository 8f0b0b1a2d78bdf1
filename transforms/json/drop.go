// SPDX-License-Identifier: Apache-2.0

package json

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"lintel/transforms"
)

// dropIssues is how many members of one document one pass drops; dropPasses is how many passes there are.
const dropIssues, dropPasses = 1000, 10

// dropper takes members that no schema names out of documents.
type dropper struct {
	f    *format
	plan *plan
}

// Dropper returns nil when nothing that m copies can bring members of its own.
func (f *format) Dropper(m *transforms.Mapping) transforms.Dropper {
	if !copiesWhole(m) {
		return nil
	}
	o := f.o
	o.Named, o.MaxIssues = true, dropIssues
	strict := &format{schema: f.schema, o: o, duplicates: f.duplicates}
	return &dropper{f: strict, plan: newCompiler(&strict.o).root(f.schema, nil)}
}

// copiesWhole tells that a mapping copies an object or array as a whole.
func copiesWhole(m *transforms.Mapping) bool {
	if m.Each != nil {
		return copiesWhole(m.Each.To)
	}
	if m.Source != nil {
		return m.Type == nil || m.Type.Shape <= transforms.ArrayShape
	}
	for _, sub := range m.Members {
		if copiesWhole(sub) {
			return true
		}
	}
	return false
}

var errDrop = errors.New("a document has more members that the contract does not name than can be dropped")

// Drop implements transforms.Dropper.
func (d *dropper) Drop(body []byte) (out []byte, dropped int, err error) {
	for range dropPasses {
		unknown := d.unknown(body)
		if len(unknown) == 0 {
			return body, dropped, nil
		}
		next, n, err := without(body, unknown)
		if err != nil || n == 0 {
			return nil, dropped, errDrop
		}
		body, dropped = next, dropped+n
	}
	return nil, dropped, errDrop
}

// unknown are the pointers of members that no schema names.
func (d *dropper) unknown(body []byte) map[jsontext.Pointer]bool {
	var slots transforms.Slots
	var invalid *transforms.InvalidError
	if err := d.f.read(d.plan, body, &slots, 0); err == nil || !errors.As(err, &invalid) {
		return nil
	}
	out := map[jsontext.Pointer]bool{}
	for _, is := range invalid.Issues {
		if is.Code == "unknown" {
			out[jsontext.Pointer(is.Pointer)] = true
		}
	}
	return out
}

// without copies a document but for some members. Numbers and texts stay as they are written.
func without(body []byte, drop map[jsontext.Pointer]bool) (out []byte, dropped int, err error) {
	var b bytes.Buffer
	options := []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.PreserveRawStrings(true)}
	dec, enc := jsontext.NewDecoder(bytes.NewReader(body), options...), jsontext.NewEncoder(&b, options...)
	for {
		token, err := dec.ReadToken()
		if errors.Is(err, io.EOF) {
			return bytes.TrimSuffix(b.Bytes(), []byte("\n")), dropped, nil
		}
		if err != nil {
			return nil, 0, err
		}
		if kind, n := dec.StackIndex(dec.StackDepth()); kind == jsontext.KindBeginObject && n%2 == 1 && drop[dec.StackPointer()] {
			dropped++
			if err := dec.SkipValue(); err != nil {
				return nil, 0, err
			}
			continue
		}
		if err := enc.WriteToken(token); err != nil {
			return nil, 0, err
		}
	}
}
