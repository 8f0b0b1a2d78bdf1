// SPDX-License-Identifier: Apache-2.0

package json

import (
	"errors"

	"lintel/specs"
	"lintel/transforms"
)

var _ transforms.Prober = (*format)(nil)

// Try implements transforms.Prober: it checks a single value by its schema, with all keywords.
func (f *format) Try(t *transforms.Type, v transforms.Value) *transforms.FieldError {
	s, mine := t.Ref.(*specs.Schema)
	if !mine || v.Kind == transforms.Object || v.Kind == transforms.Array || v.Kind == transforms.Absent {
		return nil
	}
	var slots transforms.Slots
	err := f.read(newCompiler(&f.o).root(s, nil), v.Text, &slots, 0)
	var invalid *transforms.InvalidError
	if !errors.As(err, &invalid) || len(invalid.Issues) == 0 {
		return nil
	}
	issue := invalid.Issues[0]
	return &transforms.FieldError{Field: t.Name, Offset: -1, Length: -1, Code: issue.Code, Reason: issue.Detail}
}

// Blank implements transforms.Prober: a document has no fields that hold something by themselves.
func (f *format) Blank(*transforms.Type) (json []byte, valid bool) { return nil, true }
