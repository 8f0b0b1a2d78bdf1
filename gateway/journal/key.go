// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"encoding/hex"
	"errors"
	"strings"
	"time"
)

// Lengths of an idempotency key, in characters.
const (
	MinKey = 16
	MaxKey = 128
)

// ErrKey says that a value of Idempotency-Key is no usable key.
var ErrKey = errors.New("idempotency key must be one text of 16 to 128 visible ASCII characters")

// ParseKey reads the value of an Idempotency-Key header: a string of RFC 8941 (3.3.3), as the draft
// draft-ietf-httpapi-idempotency-key-header-07 says, or the same without its quotes, as most clients
// send it. Parameters are not part of the draft and are refused.
func ParseKey(value string) (string, error) {
	key := strings.Trim(value, " \t")
	if strings.HasPrefix(key, `"`) {
		var ok bool
		if key, ok = unquote(key); !ok {
			return "", ErrKey
		}
	}
	if len(key) < MinKey || len(key) > MaxKey {
		return "", ErrKey
	}
	for i := 0; i < len(key); i++ {
		if key[i] <= ' ' || key[i] > '~' {
			return "", ErrKey
		}
	}
	return key, nil
}

// unquote reads a string of RFC 8941.
func unquote(s string) (string, bool) {
	var out strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return out.String(), i == len(s)-1
		case c == '\\':
			i++
			if i == len(s) || s[i] != '"' && s[i] != '\\' {
				return "", false
			}
			out.WriteByte(s[i])
		case c < ' ' || c > '~':
			return "", false
		default:
			out.WriteByte(c)
		}
	}
	return "", false
}

// KeyTime returns the time in a key that is a UUID of version 7 (RFC 9562, 5.7).
func KeyTime(key string) (time.Time, bool) {
	if len(key) != 36 || key[8] != '-' || key[13] != '-' || key[18] != '-' || key[23] != '-' || key[14] != '7' {
		return time.Time{}, false
	}
	var digits [32]byte
	n := 0
	for _, part := range [...]string{key[:8], key[9:13], key[14:18], key[19:23], key[24:]} {
		n += copy(digits[n:], part)
	}
	var b [16]byte
	if _, err := hex.Decode(b[:], digits[:]); err != nil || b[8]&0xc0 != 0x80 {
		return time.Time{}, false
	}
	var ms int64
	for _, c := range b[:6] {
		ms = ms<<8 | int64(c)
	}
	return time.UnixMilli(ms), true
}
