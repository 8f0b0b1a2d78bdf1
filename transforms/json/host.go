// SPDX-License-Identifier: Apache-2.0

package json

import (
	"cmp"
	"errors"

	"lintel/transforms"
)

// hostWriter writes documents for hosts. A document that the host's schema does not allow is an
// error, as a value is that no field of a record holds: it is not sent.
type hostWriter struct{ *checkedWriter }

// Write appends the document. It fails with a *transforms.FieldError whose Field is the JSON
// pointer of the place that breaks the schema.
func (w *hostWriter) Write(dst []byte, r *transforms.Run) ([]byte, error) {
	start := len(dst)
	out, sure, err := w.WriteChecked(dst, r)
	if err != nil || sure {
		return out, err
	}
	var slots transforms.Slots
	if err := w.f.read(w.f.whole, out[start:], &slots, 0); err != nil {
		return dst, refused(err)
	}
	return out, nil
}

// refused words the first issue of a document that is not sent.
func refused(err error) error {
	var invalid *transforms.InvalidError
	if !errors.As(err, &invalid) || len(invalid.Issues) == 0 {
		return err
	}
	first := invalid.Issues[0]
	return &transforms.FieldError{Field: cmp.Or(first.Pointer, "/"), Offset: -1, Code: first.Code, Reason: first.Detail}
}
