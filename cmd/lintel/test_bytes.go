// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"

	"lintel/transforms"
	"lintel/transforms/record"
)

// decodeMessage gives the JSON form of a message of the host.
func decodeMessage(t *transforms.MessageType, msg []byte) ([]byte, error) {
	codec, ok := t.Format.(transforms.Codec)
	if !ok {
		return nil, errors.New("this format has no fields")
	}
	return codec.DecodeJSON(nil, msg)
}

// recordCodec is the codec of a record message; false for messages of other formats.
func recordCodec(t *transforms.MessageType) (*record.Codec, bool) {
	if whole, ok := t.Format.(wholeRecord); ok {
		return whole.Codec, true
	}
	c, ok := t.Format.(*record.Codec)
	return c, ok
}

// recordFields are the items of a record message; nil for messages of other formats.
func recordFields(t *transforms.MessageType) []record.FieldInfo {
	codec, ok := recordCodec(t)
	if !ok {
		return nil
	}
	var out []record.FieldInfo
	for f := range codec.Fields() {
		if len(f.Item.Children) == 0 {
			out = append(out, f)
		}
	}
	return out
}

// fieldPlace says where the field of a pointer is in the record and which bytes are there.
func fieldPlace(t *transforms.MessageType, pointer string, msg []byte) string {
	entry := regexp.MustCompile(`/\d+`)
	wanted := entry.ReplaceAllString(pointer, "/*")
	for _, f := range recordFields(t) {
		if f.Pointer != wanted {
			continue
		}
		place := fmt.Sprintf("  [%s, offset %d, %s", f.Path, f.Offset, f.Picture)
		if wanted == pointer && !f.Moves && f.Offset+f.Length <= len(msg) {
			raw := msg[f.Offset : f.Offset+f.Length]
			place += fmt.Sprintf(": %s |%s|", hex.EncodeToString(raw), printable(f.Page, raw))
		}
		return place + "]"
	}
	return ""
}

// maxByteDifferences bounds the list for one message.
const maxByteDifferences = 20

// byteDifferences compares two messages and names the fields in which they differ.
func byteDifferences(what string, t *transforms.MessageType, got, want []byte) []string {
	var out []string
	if len(got) != len(want) {
		out = append(out, fmt.Sprintf("%slength: want %s, got %d", what, count(len(want), "byte"), len(got)))
	}
	fields := recordFields(t)
	for at := 0; at < min(len(got), len(want)); at++ {
		if got[at] == want[at] {
			continue
		}
		if len(out) == maxByteDifferences {
			return append(out, "further differences are not shown")
		}
		from, to, name := spanOf(fields, at, min(len(got), len(want)))
		out = append(out, fmt.Sprintf("%soffset %d%s: want %s, got %s", what, from, name, hex.EncodeToString(want[from:to]), hex.EncodeToString(got[from:to])))
		at = to - 1
	}
	return out
}

// spanOf gives the bytes to show for a difference: those of the field it is in, or 16 of them.
func spanOf(fields []record.FieldInfo, at, end int) (from, to int, name string) {
	for _, f := range fields {
		if !f.Moves && f.Item.Redefines == nil && f.Offset <= at && at < f.Offset+f.Length && f.Offset+f.Length <= end {
			return f.Offset, f.Offset + f.Length, fmt.Sprintf(" [%s %s]", f.Path, f.Picture)
		}
	}
	return at, min(at+16, end), ""
}
