// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"errors"
	"math"
	"strconv"
)

// maxAnyDepth bounds how deep a list of unknown shape is taken apart for an expression.
const maxAnyDepth = 8

// opaque is an object of unknown shape in an expression: it can be moved on, and equals nothing.
type opaque struct{ text []byte }

// anyJSON gives a JSON value of unknown shape to an expression: a text, boolean, exact number, list or
// opaque object.
func (r *Run) anyJSON(raw []byte, depth int) (any, error) {
	switch v := JSONValue(raw); v.Kind {
	case String:
		text, err := unquote(v.Text)
		r.met.text = max(r.met.text, len(text))
		return string(text), err
	case Bool:
		return raw[0] == 't', nil
	case Number:
		return ParseDecimal(string(raw))
	case Array:
		if depth == maxAnyDepth {
			return &opaque{raw}, nil
		}
		list := []any{}
		err := eachChild(raw, func(_ string, i int, raw []byte) error {
			r.met.entries = max(r.met.entries, i+1)
			x, err := r.anyJSON(raw, depth+1)
			list = append(list, x)
			return err
		})
		return list, err
	case Object:
		return &opaque{raw}, nil
	default:
		return nil, nil
	}
}

var errNotFinite = errors.New("result is no finite number")

// appendGo appends the JSON text of what an expression gives.
func appendGo(dst []byte, x any) ([]byte, Kind, error) {
	switch x := x.(type) {
	case nil:
		return append(dst, "null"...), Null, nil
	case string:
		return AppendQuoted(dst, x), String, nil
	case bool:
		return strconv.AppendBool(dst, x), Bool, nil
	case int:
		return strconv.AppendInt(dst, int64(x), 10), Number, nil
	case Decimal:
		return x.append(dst), Number, nil
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return dst, Absent, errNotFinite
		}
		return strconv.AppendFloat(dst, x, 'g', -1, 64), Number, nil
	case *opaque:
		return append(dst, x.text...), JSONValue(x.text).Kind, nil
	case []any:
		dst = append(dst, '[')
		for i, e := range x {
			if i > 0 {
				dst = append(dst, ',')
			}
			var err error
			if dst, _, err = appendGo(dst, e); err != nil {
				return dst, Absent, err
			}
		}
		return append(dst, ']'), Array, nil
	default:
		return dst, Absent, errors.New("result is no text, number or boolean")
	}
}
