// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"strings"
)

// Issue is one place where a JSON document breaks the contract. It never holds the value.
type Issue struct {
	// Pointer is the JSON pointer (RFC 6901) of the place.
	Pointer string `json:"pointer"`
	// Code is a stable word: required, type, enum, maxLength, pattern, duplicate, syntax ...
	Code string `json:"code"`
	// Detail says what the contract wants.
	Detail string `json:"detail"`
}

// InvalidError says that a JSON document is not what the contract says.
type InvalidError struct {
	Issues []Issue
	// Syntax is true when the document is not well-formed JSON at all.
	Syntax bool
}

// Error lists pointers and codes, never values.
func (e *InvalidError) Error() string {
	parts := make([]string, len(e.Issues))
	for i, is := range e.Issues {
		parts[i] = is.Detail
		if is.Pointer != "" {
			parts[i] = is.Pointer + ": " + is.Detail
		}
	}
	return "document breaks the contract: " + strings.Join(parts, "; ")
}

// FieldError says that a value and a host field do not fit each other, in either direction. It
// never holds the value or the bytes.
type FieldError struct {
	// Pointer is the JSON pointer of the source value where it is known, else empty.
	Pointer string
	// Field is the qualified host name, for example "INQ-REPLY.BALANCE" or "OWNERS(3).NAME".
	Field string
	// Offset and Length locate the field in the message, in bytes from 0; -1 if it has no fixed place.
	Offset, Length int
	// Picture is the COBOL picture and usage, or the XSD type.
	Picture string
	// Code is a stable word: overflow, length, scale, sign, unmappable, not-numeric, short ...
	Code string
	// Reason says it in a sentence without the value.
	Reason string
}

// Error prints field, place, picture and reason.
func (e *FieldError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "field %s", e.Field)
	if e.Picture != "" {
		fmt.Fprintf(&b, " (%s)", e.Picture)
	}
	if e.Offset >= 0 {
		fmt.Fprintf(&b, " at offset %d", e.Offset)
	}
	fmt.Fprintf(&b, ": %s", e.Reason)
	return b.String()
}
