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
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7F {
			return false
		}
	}
	return true
}

func parseFloat(text []byte) (float64, error) { return strconv.ParseFloat(string(text), 64) }
