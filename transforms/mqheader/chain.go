// SPDX-License-Identifier: Apache-2.0

package mqheader

import "fmt"

// What describes what follows: its format, and how its numbers and characters are written.
type What struct {
	Format   string
	Encoding Encoding
	CCSID    int32
}

// maxHeaders bounds the headers of one message.
const maxHeaders = 16

// ParseChain reads the headers at the beginning of a message. first is what the message descriptor says of
// it. It returns the headers, the rest, and what the last header says of that. The walk ends at the first
// format that is no header known here.
func ParseChain(msg []byte, first What) (headers []*Header, rest []byte, of What, err error) {
	rest, of = msg, first
	for {
		k := kindOf(of.Format)
		if k == nil {
			return headers, rest, of, nil
		}
		if len(headers) == maxHeaders {
			return nil, nil, of, &Error{Header: k.Name, Offset: len(msg) - len(rest), Reason: fmt.Sprintf("the message has more than %d headers", maxHeaders)}
		}
		h, err := parseNext(k, rest, of)
		if err != nil {
			return nil, nil, of, shifted(err, len(msg)-len(rest))
		}
		headers = append(headers, h)
		rest = rest[len(h.Raw):]
		if of, err = h.follows(of); err != nil {
			return nil, nil, of, err
		}
	}
}

// parseNext reads a header that was announced.
func parseNext(k *Kind, p []byte, of What) (*Header, error) {
	c, err := NewCoding(of.Encoding, of.CCSID)
	if err != nil {
		return nil, &Error{Header: k.Name, Reason: err.Error()}
	}
	return Parse(k, p, c)
}

// shifted moves the place of an error to where the header stands in the message.
func shifted(err error, by int) error {
	if e, ok := err.(*Error); ok { //nolint:errorlint // made here
		c := *e
		c.Offset += by
		return &c
	}
	return err
}

// follows is what a header says of what stands behind it.
func (h *Header) follows(own What) (What, error) {
	format, err := h.Text("format")
	if err != nil {
		return own, err
	}
	out := What{Format: format, Encoding: own.Encoding, CCSID: own.CCSID}
	if !h.Kind.tells { // the fields are reserved: everything is as in the header itself
		return out, nil
	}
	e, err := h.Int("encoding")
	if err != nil {
		return own, err
	}
	ccsid, err := h.Int("codedCharSetId")
	if err != nil {
		return own, err
	}
	out.Encoding = Encoding(e)
	if ccsid != Inherit && ccsid != 0 {
		out.CCSID = ccsid
	}
	return out, nil
}

// AppendChain appends headers one behind the other. Each is told what follows it: the format of the next,
// and at the end body. It returns what the message descriptor has to say of the whole. The headers are
// changed.
func AppendChain(dst []byte, headers []*Header, body What) ([]byte, What, error) {
	of := body
	for i := len(headers) - 1; i >= 0; i-- {
		h := headers[i]
		if err := h.announce(of); err != nil {
			return dst, of, err
		}
		of = What{Format: h.Kind.Format, Encoding: h.Coding.encoding, CCSID: h.Coding.ccsid}
	}
	for _, h := range headers {
		dst = append(dst, h.Raw...)
	}
	return dst, of, nil
}

// announce writes what follows into a header.
func (h *Header) announce(of What) error {
	if err := h.setText("format", of.Format); err != nil {
		return err
	}
	if !h.Kind.tells {
		if of.Encoding != h.Coding.encoding || of.CCSID != h.Coding.ccsid {
			return &Error{Header: h.Kind.Name, Reason: "what follows must have the encoding and CCSID of this header, which cannot name others"}
		}
		return nil
	}
	if err := h.Set("encoding", int32(of.Encoding)); err != nil {
		return err
	}
	return h.Set("codedCharSetId", of.CCSID)
}
