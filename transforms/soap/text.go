// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"bytes"
	"unicode/utf8"
)

// appendText appends the characters of a raw span of content: references and CDATA sections decoded,
// comments left out, line ends made one (XML 1.0, section 2.11). The span was checked by the scanner.
func appendText(dst, raw []byte) []byte {
	for len(raw) > 0 {
		i := bytes.IndexAny(raw, "&<\r")
		if i < 0 {
			return append(dst, raw...)
		}
		dst = append(dst, raw[:i]...)
		raw = raw[i:]
		switch raw[0] {
		case '&':
			r, n := decodeReference(raw)
			if n == 0 { // cannot be: the scanner checked it
				return dst
			}
			dst = utf8.AppendRune(dst, r)
			raw = raw[n:]
		case '\r':
			dst = append(dst, '\n')
			raw = bytes.TrimPrefix(raw[1:], []byte{'\n'})
		default:
			dst, raw = appendMarkup(dst, raw)
		}
	}
	return dst
}

// appendMarkup appends what a CDATA section holds, and steps over it or over a comment.
func appendMarkup(dst, raw []byte) (out, rest []byte) {
	if body, ok := bytes.CutPrefix(raw, []byte("<![CDATA[")); ok {
		text, rest, _ := bytes.Cut(body, []byte("]]>"))
		return appendLineEnds(dst, text), rest
	}
	end := []byte("-->")
	if bytes.HasPrefix(raw, []byte("<?")) {
		end = []byte("?>")
	}
	_, rest, _ = bytes.Cut(raw, end)
	return dst, rest
}

// appendLineEnds appends text with its line ends made one.
func appendLineEnds(dst, text []byte) []byte {
	for i := 0; i < len(text); i++ {
		if text[i] != '\r' {
			dst = append(dst, text[i])
			continue
		}
		dst = append(dst, '\n')
		if i+1 < len(text) && text[i+1] == '\n' {
			i++
		}
	}
	return dst
}

// appendAttrText appends the value of an attribute: references decoded, white space made blanks.
func appendAttrText(dst, raw []byte) []byte {
	for len(raw) > 0 {
		i := bytes.IndexAny(raw, "&\t\r\n")
		if i < 0 {
			return append(dst, raw...)
		}
		dst = append(dst, raw[:i]...)
		raw = raw[i:]
		switch raw[0] {
		case '&':
			r, n := decodeReference(raw)
			if n == 0 {
				return dst
			}
			dst = utf8.AppendRune(dst, r)
			raw = raw[n:]
		case '\r':
			dst = append(dst, ' ')
			raw = bytes.TrimPrefix(raw[1:], []byte{'\n'})
		default:
			dst = append(dst, ' ')
			raw = raw[1:]
		}
	}
	return dst
}

// appendEscaped appends text as content of an element: nothing in it can become markup.
func appendEscaped(dst []byte, text string) []byte {
	for i := range len(text) {
		switch c := text[i]; c {
		case '<':
			dst = append(dst, "&lt;"...)
		case '>':
			dst = append(dst, "&gt;"...)
		case '&':
			dst = append(dst, "&amp;"...)
		case '\r':
			dst = append(dst, "&#13;"...)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// appendEscapedAttr appends text as value of an attribute in double quotes.
func appendEscapedAttr(dst []byte, text string) []byte {
	for i := range len(text) {
		switch c := text[i]; c {
		case '"':
			dst = append(dst, "&quot;"...)
		case '\t':
			dst = append(dst, "&#9;"...)
		case '\n':
			dst = append(dst, "&#10;"...)
		default:
			dst = appendEscaped(dst, text[i:i+1])
		}
	}
	return dst
}

// trimmed is a raw span without the white space around it; only for spans without markup.
func trimmed(raw []byte) []byte { return bytes.Trim(raw, " \t\r\n") }

// isPlain tells whether a raw span stands for itself.
func isPlain(raw []byte) bool {
	return bytes.IndexByte(raw, '&') < 0 && bytes.IndexByte(raw, '<') < 0 && bytes.IndexByte(raw, '\r') < 0
}

// plainText is the text of a raw span, the span itself where that can be.
func plainText(raw []byte) []byte {
	if isPlain(raw) {
		return raw
	}
	return appendText(nil, raw)
}
