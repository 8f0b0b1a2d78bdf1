// SPDX-License-Identifier: Apache-2.0

package funcs

import (
	"crypto/sha1" // #nosec G505 -- names of UUIDs are made with it by RFC 9562; nothing is kept secret by it
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"

	"lintel/transforms"
)

// maxBytes bounds what is turned to hexadecimal digits or base64, so that the result fits maxText.
const maxBytes = maxText / 2

func byteFuncs() []transforms.Func {
	return []transforms.Func{
		define("bytes", "toHex(text) text", "Gives the UTF-8 bytes of a text as hexadecimal digits.",
			func(a *arguments) any { return hexOf([]byte(a.short(0))) },
			gives(`toHex("Aé")`, `"41C3A9"`)),
		define("bytes", "fromHex(hex) text", "Gives the text whose UTF-8 bytes are written in hexadecimal digits.",
			func(a *arguments) any { return a.utf8(a.hex(0)) },
			gives(`fromHex("41c3a9")`, `"Aé"`), fails(`fromHex("4")`, "hex is not made of pairs"), fails(`fromHex("FF")`, "not UTF-8")),
		define("bytes", "toBase64(text) text", "Gives the UTF-8 bytes of a text in base64 (RFC 4648, with padding).",
			func(a *arguments) any { return base64.StdEncoding.EncodeToString([]byte(a.short(0))) },
			gives(`toBase64("Aé")`, `"QcOp"`)),
		define("bytes", "fromBase64(base64) text", "Gives the text whose UTF-8 bytes are in base64.",
			func(a *arguments) any { return a.utf8(a.base64(0)) },
			gives(`fromBase64("QcOp")`, `"Aé"`), fails(`fromBase64("?")`, "no base64")),
		define("bytes", "hexToBase64(hex) text", "Turns bytes from hexadecimal digits, as binary fields have them, to base64.",
			func(a *arguments) any { return base64.StdEncoding.EncodeToString(a.hex(0)) },
			gives(`hexToBase64("00FF10")`, `"AP8Q"`)),
		define("bytes", "base64ToHex(base64) text", "Turns bytes from base64 to hexadecimal digits.",
			func(a *arguments) any { return hexOf(a.base64(0)) },
			gives(`base64ToHex("AP8Q")`, `"00FF10"`)),
		define("bytes", "uuid(id, name) text",
			"Makes a UUID (version 5 of RFC 9562) from a UUID and a name: always the same for the same two. With exchange.id it gives every message of an exchange an id of its own that a repeated attempt keeps.",
			nameUUID,
			gives(`uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com")`, `"2ed6657d-e927-568b-95e1-2665a8aea6a2"`),
			fails(`uuid("4711", "payment")`, "id is no UUID")),
		define("masking", "mask(text, first: integer, last: integer) text",
			"Puts * in the place of all characters but the first and the last ones. A text that is not longer than both together is masked as a whole.",
			mask,
			gives(`mask("4111111111111111", 6, 4)`, `"411111******1111"`), gives(`mask("ES91", 2, 4)`, `"****"`)),
	}
}

func hexOf(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }

// short is a text that may grow.
func (a *arguments) short(i int) string {
	s := a.text(i)
	if a.ok() && len(s) > maxBytes {
		a.fail(fmt.Sprintf("%s is longer than %d bytes", a.params[i].name, maxBytes))
		return ""
	}
	return s
}

func (a *arguments) hex(i int) []byte {
	b, err := hex.DecodeString(a.short(i))
	if a.ok() && err != nil {
		a.fail(a.params[i].name + " is not made of pairs of hexadecimal digits")
	}
	return b
}

func (a *arguments) base64(i int) []byte {
	b, err := base64.StdEncoding.Strict().DecodeString(a.short(i))
	if a.ok() && err != nil {
		a.fail(a.params[i].name + " is no base64")
	}
	return b
}

// utf8 gives bytes as a text.
func (a *arguments) utf8(b []byte) any {
	if a.ok() && !utf8.Valid(b) {
		return a.fail("bytes are not UTF-8 text")
	}
	return string(b)
}

func nameUUID(a *arguments) any {
	id, name := a.text(0), a.text(1)
	space, ok := parseUUID(id)
	if a.ok() && !ok {
		return a.fail("id is no UUID")
	}
	h := sha1.New() // #nosec G401 -- see the import
	_, _ = h.Write(space)
	_, _ = h.Write([]byte(name))
	u := h.Sum(nil)[:16]
	u[6] = u[6]&0x0F | 0x50
	u[8] = u[8]&0x3F | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

func parseUUID(s string) ([]byte, bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return nil, false
	}
	b, err := hex.DecodeString(strings.ReplaceAll(s, "-", ""))
	return b, err == nil && len(b) == 16
}

func mask(a *arguments) any {
	s, first, last := a.text(0), a.integer(1, 0, maxPad), a.integer(2, 0, maxPad)
	n := runes(s)
	if first+last >= n {
		return strings.Repeat("*", n)
	}
	head, _ := skip(s, first)
	tail, _ := skip(s, n-last)
	return s[:head] + strings.Repeat("*", n-first-last) + s[tail:]
}
