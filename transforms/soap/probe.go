// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"errors"
	"strings"

	"lintel/transforms"
)

var _ transforms.Prober = (*Format)(nil)

// Try implements transforms.Prober: all facets of the element or attribute, and its fixed value, as they are held
// against a request.
func (f *Format) Try(t *transforms.Type, v transforms.Value) *transforms.FieldError {
	s, fixed := singleOf(t)
	switch {
	case s == nil:
		return nil // objects and arrays are held against the type
	case v.Kind == transforms.Null && t.Nullable:
		return nil
	case v.Kind == transforms.Null:
		return &transforms.FieldError{Offset: -1, Picture: s.name, Code: "null", Reason: "cannot be nil"}
	}
	text, err := s.encode(v.Text)
	if fe := (*transforms.FieldError)(nil); errors.As(err, &fe) {
		fe.Reason = strings.TrimPrefix(fe.Reason, "the value ") // messages about a value go on with it
		return fe
	}
	if fixed != "" && s.collapse(fixed) != text {
		return &transforms.FieldError{Offset: -1, Picture: s.name, Code: "fixed", Reason: "is not the fixed value"}
	}
	return nil
}

// singleOf is the simple type of what t describes, with the text it must have, if it is fixed; nil if that is not a single value.
func singleOf(t *transforms.Type) (s *simple, fixed string) {
	switch ref := t.Ref.(type) {
	case *simple:
		return ref, ""
	case *member:
		switch {
		case t.Shape == transforms.ArrayShape && ref.array:
			return nil, ""
		case ref.attr != nil:
			return ref.attr.typ, ref.attr.fixed
		case ref.elem != nil && ref.elem.typ.plain():
			return ref.elem.typ.simple, ref.elem.fixed
		}
	}
	return nil, ""
}

// Blank implements transforms.Prober: what is not filled is left out.
func (f *Format) Blank(*transforms.Type) (json []byte, valid bool) { return nil, true }
