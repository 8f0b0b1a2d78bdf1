// SPDX-License-Identifier: Apache-2.0

package json

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"lintel/transforms"
)

// wellFormed proves that msg is one JSON value in UTF-8 and not nested deeper than maxDepth. The
// depth is checked first, so that hostile nesting costs nothing. With the option that allows
// duplicate names, the walk has to find them.
func wellFormed(msg []byte, maxDepth int, prefix string, opts ...jsontext.Options) *transforms.InvalidError {
	if err := shallow(msg, maxDepth, prefix); err != nil {
		return err
	}
	if jsontext.Value(msg).IsValid(opts...) {
		return nil
	}
	return syntaxError(msg, prefix)
}

// shallow refuses a document that is nested deeper than maxDepth.
func shallow(msg []byte, maxDepth int, prefix string) *transforms.InvalidError {
	at, deep := tooDeep(msg, maxDepth)
	if !deep {
		return nil
	}
	return &transforms.InvalidError{Issues: []transforms.Issue{{
		Pointer: prefix,
		Code:    "depth",
		Detail:  fmt.Sprintf("objects and arrays may be nested %d deep; byte %d goes deeper", maxDepth, at),
	}}}
}

// tooDeep finds the first bracket that opens a level below maxDepth.
func tooDeep(msg []byte, maxDepth int) (at int, deep bool) {
	if bytes.Count(msg, []byte("{"))+bytes.Count(msg, []byte("[")) <= maxDepth {
		return 0, false
	}
	depth := 0
	for i := 0; i < len(msg); i++ {
		switch msg[i] {
		case '"':
			end, _ := skipString(msg, i)
			i = end - 1
		case '{', '[':
			depth++
			if depth > maxDepth {
				return i, true
			}
		case '}', ']':
			depth--
		}
	}
	return 0, false
}

// syntaxError reads msg again to say where it is wrong. It shows offsets and pointers only.
func syntaxError(msg []byte, prefix string) *transforms.InvalidError {
	d := jsontext.NewDecoder(bytes.NewBuffer(msg))
	_, err := d.ReadValue()
	if err == nil {
		_, err = d.ReadToken()
		if err == nil {
			return invalid(prefix, "syntax", fmt.Sprintf("another value follows the document at byte %d", d.InputOffset()))
		}
	}
	if errors.Is(err, io.EOF) {
		return invalid(prefix, "syntax", "the document is empty")
	}
	var se *jsontext.SyntacticError
	if !errors.As(err, &se) {
		return invalid(prefix, "syntax", "the document is not JSON")
	}
	pointer := prefix
	if len(se.JSONPointer) <= maxPointer {
		pointer += string(se.JSONPointer)
	}
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return &transforms.InvalidError{Issues: []transforms.Issue{{
			Pointer: pointer, Code: "duplicate",
			Detail: fmt.Sprintf("the member is there more than once, again at byte %d", se.ByteOffset),
		}}}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return invalid(pointer, "syntax", fmt.Sprintf("the document ends too early, after byte %d", se.ByteOffset))
	default:
		return invalid(pointer, "syntax", fmt.Sprintf("the document is not JSON in UTF-8 at byte %d", se.ByteOffset))
	}
}

func invalid(pointer, code, detail string) *transforms.InvalidError {
	return &transforms.InvalidError{
		Syntax: true,
		Issues: []transforms.Issue{{Pointer: pointer, Code: code, Detail: detail}},
	}
}
