// SPDX-License-Identifier: Apache-2.0

package broker

import (
	"encoding/binary"
	"io"
)

// Codes of performatives and of what they hold.
const (
	codeOpen        = 0x10
	codeBegin       = 0x11
	codeAttach      = 0x12
	codeFlow        = 0x13
	codeTransfer    = 0x14
	codeDisposition = 0x15
	codeDetach      = 0x16
	codeEnd         = 0x17
	codeClose       = 0x18
	codeError       = 0x1D
	codeAccepted    = 0x24
	codeRejected    = 0x25
	codeReleased    = 0x26
	codeModified    = 0x27
	codeSource      = 0x28
	codeTarget      = 0x29
	codeMechanisms  = 0x40
	codeInit        = 0x41
	codeOutcome     = 0x44
)

// maxFrame is the largest frame that this side takes, in bytes.
const maxFrame = 64 << 10

// frame is one frame: a performative and, behind a transfer's, bytes of a message.
type frame struct {
	kind    byte
	channel uint16
	code    uint64
	fields  fields
	payload []byte
}

// fields are the fields of a performative; those left out at its end are nil.
type fields []any

func (f fields) at(i int) any {
	if i < len(f) {
		return f[i]
	}
	return nil
}

func (f fields) number(i int) uint32 { n, _ := f.at(i).(uint64); return uint32(n) }

func (f fields) flag(i int) bool { b, _ := f.at(i).(bool); return b }

func (f fields) text(i int) string {
	switch v := f.at(i).(type) {
	case string:
		return v
	case symbol:
		return string(v)
	}
	return ""
}

// inner gives the fields of a described list.
func inner(v any) (uint64, fields) {
	d, _ := v.(described)
	list, _ := d.value.([]any)
	return d.code, list
}

// readFrame reads one frame; an empty one, which only says that the peer is there, has code 0.
func readFrame(r io.Reader) (frame, error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return frame{}, err
	}
	size, offset := binary.BigEndian.Uint32(head[:]), int(head[4])*4
	if size < 8 || size > maxFrame || offset < 8 || offset > int(size) {
		return frame{}, errWire
	}
	body := make([]byte, size-8)
	if _, err := io.ReadFull(r, body); err != nil {
		return frame{}, err
	}
	f := frame{kind: head[5], channel: binary.BigEndian.Uint16(head[6:])}
	body = body[offset-8:]
	if len(body) == 0 {
		return f, nil
	}
	v, rest, err := parse(body, 0)
	if err != nil {
		return frame{}, err
	}
	d, ok := v.(described)
	list, isList := d.value.([]any)
	if !ok || !isList {
		return frame{}, errWire
	}
	f.code, f.fields, f.payload = d.code, list, rest
	return f, nil
}

// appendFrame appends a frame.
func appendFrame(dst []byte, kind byte, channel uint16, code uint64, list []any, payload []byte) []byte {
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0, 2, kind, byte(channel>>8), byte(channel))
	dst = write(dst, described{code, list})
	dst = append(dst, payload...)
	binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at))
	return dst
}
