// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"errors"
	"math"
	"strconv"
)

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
	case opaque:
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
