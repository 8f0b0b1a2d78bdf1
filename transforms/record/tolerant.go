// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"

	"lintel/transforms"
)

// BadField is a field that a tolerant decode could not read.
type BadField struct {
	*transforms.FieldError
	// Bytes are those of the field, for tools that may show them.
	Bytes []byte
}

// maxBadFields bounds the list that one message can give; what is left over is counted.
const maxBadFields = 1000

// DecodeTolerant is DecodeJSON that goes on where a field cannot be read: the field becomes null and
// is listed. Bytes behind the end of the record are listed too. Only a counter that is no number or
// out of its bounds, and a table that is longer than the message, still end it with an error, for
// then nobody knows where the next field is. more counts the bad fields beyond the first 1000.
func (c *Codec) DecodeTolerant(dst, msg []byte) (out []byte, bad []BadField, more int, err error) {
	w := c.startWalk(msg)
	defer c.endWalk(w)
	w.tolerant = true
	start := len(dst)
	out, delta, ferr := w.decode(c.plan, dst, 0)
	if ferr == nil {
		if excess := c.checkEnd(msg, delta); excess != nil {
			w.noteBad(excess)
		}
	}
	bad, more = w.bad, w.more
	if ferr != nil {
		return dst[:start], bad, more, ferr
	}
	if len(out) == start {
		return append(out, "{}"...), bad, more, nil
	}
	return out[:len(out)-1], bad, more, nil
}

func (w *walk) noteBad(err *transforms.FieldError) {
	if len(w.bad) >= maxBadFields {
		w.more++
		return
	}
	end := min(err.Offset+err.Length, len(w.msg))
	w.bad = append(w.bad, BadField{err, bytes.Clone(w.msg[err.Offset:end])})
}
