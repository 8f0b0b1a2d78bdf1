// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"strings"
	"unicode/utf8"
)

// pathClass says what a byte is in the path of a URI (RFC 3986, 3.3).
type pathClass uint8

const (
	pathPlain     pathClass = iota // a pchar that is written as it is
	pathEncoded                    // must be percent-encoded
	pathSlash                      // ends a segment
	pathPercent                    // begins a percent-encoded byte
	pathSemi                       // ; which some servers cut off as a parameter
	pathRefused                    // has no place in a path: backslash and control characters
	unreservedSet = "-._~"
)

func classOf(b byte) pathClass {
	switch {
	case isAlphanumeric(b) || strings.IndexByte("-._~!$&'()+,=:@", b) >= 0: // * is encoded: it has a meaning to the router
		return pathPlain
	case b == '/':
		return pathSlash
	case b == '%':
		return pathPercent
	case b == ';':
		return pathSemi
	case b < 0x20 || b == 0x7f || b == '\\':
		return pathRefused
	default:
		return pathEncoded
	}
}

func isAlphanumeric(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
}

// isPlainPath reports whether the canonical form of an escaped path is the path itself and nothing
// in it needs a second look: the case of nearly every request.
func isPlainPath(path string) bool {
	if path == "" || path[0] != '/' {
		return false
	}
	for i := 0; i < len(path); i++ {
		b := path[i]
		if isAlphanumeric(b) || b == '-' || b == '_' {
			continue
		}
		if b != '/' || i+1 < len(path) && path[i+1] == '/' {
			return false
		}
	}
	return true
}

// canonicalPath gives the one form of an escaped path by which routes are found: what need not be
// percent-encoded is not, hexadecimal digits are upper case. ok is false for a path that different
// servers would read differently: dot segments, empty segments, encoded slashes, backslashes and
// control characters, and text that is not UTF-8.
func canonicalPath(path string) (canonical string, ok bool) {
	if isPlainPath(path) {
		return path, true
	}
	if path == "" || path[0] != '/' {
		return "", false
	}
	out := make([]byte, 0, len(path)+16)
	var decoded []byte
	for i := 1; i <= len(path); {
		out = append(out, '/')
		end := strings.IndexByte(path[i:], '/')
		if end < 0 {
			end = len(path)
		} else {
			end += i
		}
		if end == i && end < len(path) {
			return "", false
		}
		if out, decoded, ok = canonicalSegment(out, decoded[:0], path[i:end]); !ok {
			return "", false
		}
		i = end + 1
	}
	return string(out), true
}

func canonicalSegment(out, decoded []byte, segment string) (_, _ []byte, ok bool) {
	for i := 0; i < len(segment); i++ {
		b := segment[i]
		escaped := b == '%'
		if escaped {
			if b, ok = hexByte(segment[i+1:]); !ok {
				return out, decoded, false
			}
			i += 2
		}
		decoded = append(decoded, b)
		switch class := classOf(b); {
		case class == pathSlash || class == pathRefused:
			return out, decoded, false
		case class == pathEncoded || escaped && !isAlphanumeric(b) && strings.IndexByte(unreservedSet, b) < 0:
			out = append(out, '%', upperHex[b>>4], upperHex[b&15])
		default:
			out = append(out, b)
		}
	}
	d := string(decoded)
	return out, decoded, d != "." && d != ".." && utf8.ValidString(d)
}

const upperHex = "0123456789ABCDEF"

// hexByte reads the two hexadecimal digits at the start of s.
func hexByte(s string) (byte, bool) {
	if len(s) < 2 {
		return 0, false
	}
	hi, ok1 := hexDigit(s[0])
	lo, ok2 := hexDigit(s[1])
	return hi<<4 | lo, ok1 && ok2
}

func hexDigit(b byte) (byte, bool) {
	switch {
	case b >= '0' && b <= '9':
		return b - '0', true
	case b >= 'a' && b <= 'f':
		return b - 'a' + 10, true
	case b >= 'A' && b <= 'F':
		return b - 'A' + 10, true
	default:
		return 0, false
	}
}
