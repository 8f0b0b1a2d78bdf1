// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"bytes"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// unquote returns the text of a JSON string. It points into the token when nothing is escaped.
func unquote(token []byte) ([]byte, error) {
	if len(token) >= 2 && bytes.IndexByte(token, '\\') < 0 {
		return token[1 : len(token)-1], nil
	}
	return jsontext.AppendUnquote(nil, token)
}

// Unquote returns the text of a JSON string token: a part of the token when nothing in it is
// escaped, else appended to scratch[:0]. It fails on a token that is no valid JSON string.
func Unquote(scratch, token []byte) ([]byte, error) {
	if len(token) >= 2 && token[0] == '"' && bytes.IndexByte(token, '\\') < 0 {
		return token[1 : len(token)-1], nil
	}
	return jsontext.AppendUnquote(scratch[:0], token)
}

// AppendQuoted appends text as a JSON string.
func AppendQuoted[T ~string | ~[]byte](dst []byte, text T) []byte {
	if plain(text) {
		return append(append(append(dst, '"'), text...), '"')
	}
	out, err := jsontext.AppendQuote(dst, text)
	if err != nil { // invalid UTF-8: AppendQuote has put U+FFFD in its place
		return out
	}
	return out
}

// plain reports whether a text is ASCII and needs no escapes.
func plain[T ~string | ~[]byte](text T) bool {
	i := 0
	for ; i+8 <= len(text); i += 8 {
		w := uint64(text[i]) | uint64(text[i+1])<<8 | uint64(text[i+2])<<16 | uint64(text[i+3])<<24 |
			uint64(text[i+4])<<32 | uint64(text[i+5])<<40 | uint64(text[i+6])<<48 | uint64(text[i+7])<<56
		if notPlain(w) {
			return false
		}
	}
	for ; i < len(text); i++ {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7F {
			return false
		}
	}
	return true
}

const eachByte = 0x0101010101010101

// notPlain tells that one of eight bytes is a control character, a quote, a backslash, DEL or not ASCII.
// A byte below the one that is looked for borrows from the high bit, unless it has that bit itself.
func notPlain(w uint64) bool {
	quote, slash, del := w^'"'*eachByte, w^'\\'*eachByte, w^0x7F*eachByte
	return (w|(w-' '*eachByte)|(quote-eachByte)|(slash-eachByte)|(del-eachByte))&(0x80*eachByte) != 0
}

func parseFloat(text []byte) (float64, error) { return strconv.ParseFloat(string(text), 64) }

// eachChild calls f for every member or entry of a JSON object or array.
func eachChild(text []byte, f func(name string, i int, raw []byte) error) error {
	d := jsontext.NewDecoder(bytes.NewReader(text))
	open, err := d.ReadToken()
	if err != nil {
		return err
	}
	for i := 0; d.PeekKind() != '}' && d.PeekKind() != ']'; i++ {
		name := ""
		if open.Kind() == '{' {
			tok, err := d.ReadToken()
			if err != nil {
				return err
			}
			name = tok.String()
		}
		raw, err := d.ReadValue()
		if err != nil {
			return err
		}
		// The decoder reuses its buffer: what is kept must lie in text itself.
		end := d.InputOffset()
		if err := f(name, i, text[end-int64(len(raw)):end]); err != nil {
			return err
		}
	}
	return nil
}
