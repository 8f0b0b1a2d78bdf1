// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/json"
)

// writer writes envelopes from a mapping.
type writer struct {
	f    *Format
	json transforms.Writer
}

func newWriter(f *Format, m *transforms.Mapping) (transforms.Writer, specs.Findings) {
	w, findings := json.NewWriter(m)
	return &writer{f, w}, findings
}

// Write implements transforms.Writer.
func (w *writer) Write(dst []byte, r *transforms.Run) ([]byte, error) {
	text, err := w.json.Write(nil, r)
	if err != nil {
		return dst, err
	}
	if len(text) == 0 {
		text = []byte("{}")
	}
	start := len(dst)
	if dst, err = w.f.EncodeJSON(dst, text); err != nil || w.f.addressing == nil {
		return dst, err
	}
	return w.f.address(dst, start, r.ExchangeID()), nil
}
