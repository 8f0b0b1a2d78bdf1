// SPDX-License-Identifier: Apache-2.0

package broker

import (
	"encoding/binary"
	"errors"
)

// errWire says that a peer sent what is no AMQP.
var errWire = errors.New("not AMQP 1.0")

// symbol is an AMQP symbol; other texts are strings.
type symbol string

// described is a value with the code that says what it is.
type described struct {
	code  uint64
	value any
}

// maxDepth bounds how deep values nest.
const maxDepth = 16

// parse reads one value: nil, bool, int64, uint64, string, symbol, []byte, []any (list, array),
// map[any]any or described. Floats, decimals and the like are read over, as nil.
func parse(p []byte, depth int) (v any, rest []byte, err error) {
	if len(p) == 0 || depth > maxDepth {
		return nil, nil, errWire
	}
	code, p := p[0], p[1:]
	if code == 0 {
		d, rest, err := parse(p, depth+1)
		if err != nil {
			return nil, nil, err
		}
		v, rest, err := parse(rest, depth+1)
		n, _ := d.(uint64)
		return described{n, v}, rest, err
	}
	return parseAs(code, p, depth)
}

func parseAs(code byte, p []byte, depth int) (any, []byte, error) {
	width := 0
	switch code >> 4 {
	case 0x4:
	case 0x5:
		width = 1
	case 0x6:
		width = 2
	case 0x7:
		width = 4
	case 0x8:
		width = 8
	case 0x9:
		width = 16
	case 0xA, 0xC, 0xE:
		return parseSized(code, 1, p, depth)
	case 0xB, 0xD, 0xF:
		return parseSized(code, 4, p, depth)
	default:
		return nil, nil, errWire
	}
	if len(p) < width {
		return nil, nil, errWire
	}
	return fixed(code, p[:width]), p[width:], nil
}

// fixed gives values of fixed width.
func fixed(code byte, p []byte) any {
	var n uint64
	for _, b := range p {
		n = n<<8 | uint64(b)
	}
	switch code {
	case 0x41:
		return true
	case 0x42:
		return false
	case 0x56:
		return n == 1
	case 0x43, 0x44, 0x50, 0x60, 0x52, 0x70, 0x53, 0x80:
		return n
	case 0x51, 0x54, 0x55:
		return int64(int8(n))
	case 0x61:
		return int64(int16(n))
	case 0x71:
		return int64(int32(n))
	case 0x81, 0x83:
		return int64(n)
	case 0x45:
		return []any{}
	}
	return nil
}

// parseSized reads values that begin with their size in width bytes.
func parseSized(code byte, width int, p []byte, depth int) (any, []byte, error) {
	size, p, ok := number(p, width)
	if !ok || size > len(p) {
		return nil, nil, errWire
	}
	p, rest := p[:size], p[size:]
	switch code {
	case 0xA0, 0xB0:
		return p, rest, nil
	case 0xA1, 0xB1:
		return string(p), rest, nil
	case 0xA3, 0xB3:
		return symbol(p), rest, nil
	}
	count, p, ok := number(p, width)
	if !ok || count > size {
		return nil, nil, errWire
	}
	switch code {
	case 0xC0, 0xD0:
		list, err := parseMany(p, count, depth)
		return list, rest, err
	case 0xC1, 0xD1:
		list, err := parseMany(p, count, depth)
		if err != nil || count%2 != 0 {
			return nil, nil, errWire
		}
		m := map[any]any{}
		for i := 0; i < count; i += 2 {
			switch list[i].(type) {
			case string, symbol, uint64, int64:
				m[list[i]] = list[i+1]
			}
		}
		return m, rest, nil
	default: // an array: one constructor for all
		return parseArray(p, count, depth), rest, nil
	}
}

func parseMany(p []byte, count, depth int) ([]any, error) {
	out := make([]any, count)
	for i := range out {
		var err error
		if out[i], p, err = parse(p, depth+1); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// parseArray gives the values of an array of simple values; nothing for any other.
func parseArray(p []byte, count, depth int) []any {
	if len(p) == 0 || p[0] == 0 {
		return nil
	}
	code, p := p[0], p[1:]
	var out []any
	for range count {
		v, rest, err := parseAs(code, p, depth+1)
		if err != nil {
			return nil
		}
		out, p = append(out, v), rest
	}
	return out
}

func number(p []byte, width int) (int, []byte, bool) {
	if len(p) < width {
		return 0, nil, false
	}
	if width == 1 {
		return int(p[0]), p[1:], true
	}
	n := binary.BigEndian.Uint32(p)
	return int(n), p[4:], n < 1<<30
}

// write appends a value: nil, bool, uint32 (uint), uint64 (ulong), uint16 (ushort), uint8 (ubyte),
// string, symbol, []byte, []any (list) or described.
func write(dst []byte, v any) []byte {
	switch v := v.(type) {
	case bool:
		if v {
			return append(dst, 0x41)
		}
		return append(dst, 0x42)
	case uint8:
		return append(dst, 0x50, v)
	case uint16:
		return binary.BigEndian.AppendUint16(append(dst, 0x60), v)
	case uint32:
		return binary.BigEndian.AppendUint32(append(dst, 0x70), v)
	case uint64:
		return binary.BigEndian.AppendUint64(append(dst, 0x80), v)
	case string:
		return append(binary.BigEndian.AppendUint32(append(dst, 0xB1), uint32(len(v))), v...)
	case symbol:
		return append(binary.BigEndian.AppendUint32(append(dst, 0xB3), uint32(len(v))), v...)
	case []byte:
		return append(binary.BigEndian.AppendUint32(append(dst, 0xB0), uint32(len(v))), v...)
	case []any:
		var body []byte
		for _, x := range v {
			body = write(body, x)
		}
		dst = binary.BigEndian.AppendUint32(append(dst, 0xD0), uint32(len(body))+4)
		return append(binary.BigEndian.AppendUint32(dst, uint32(len(v))), body...)
	case []symbol:
		var body []byte
		for _, x := range v {
			body = append(binary.BigEndian.AppendUint32(body, uint32(len(x))), x...)
		}
		dst = binary.BigEndian.AppendUint32(append(dst, 0xF0), uint32(len(body))+5)
		return append(append(binary.BigEndian.AppendUint32(dst, uint32(len(v))), 0xB3), body...)
	case described:
		return write(append(dst, 0x00, 0x53, byte(v.code)), v.value)
	default:
		return append(dst, 0x40)
	}
}
