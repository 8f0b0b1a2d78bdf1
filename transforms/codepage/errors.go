// SPDX-License-Identifier: Apache-2.0

package codepage

import (
	"errors"
	"fmt"
	"strings"
)

// ErrInvalidUTF8 is the reason of an InvalidError for text that is not UTF-8.
var ErrInvalidUTF8 = errors.New("not valid UTF-8")

// Reasons of a DecodeError.
var (
	// ErrUnassigned says that the code page gives the bytes no character.
	ErrUnassigned = errors.New("no character is assigned to the bytes")
	// ErrHalfPair says that one byte of a double-byte character is missing.
	ErrHalfPair = errors.New("half of a double-byte character")
	// ErrNoShiftIn says that the bytes end in double-byte state, as those of a cut field do.
	ErrNoShiftIn = errors.New("shift-out without shift-in at the end")
	// ErrStrayShift says that a shift byte stands where its state is already on.
	ErrStrayShift = errors.New("shift byte out of place")
	// ErrHalfSurrogate says that a UTF-16 surrogate stands alone.
	ErrHalfSurrogate = errors.New("half of a surrogate pair")
)

// An UnmappableError says that a character has no bytes in the code page.
// It is the one error of this package that holds a piece of the text.
type UnmappableError struct {
	Page   string // name of the code page
	Offset int    // of the character in the UTF-8 text, in bytes
	Rune   rune
}

// Error names the character as U+XXXX.
func (e *UnmappableError) Error() string {
	return fmt.Sprintf("character %U at byte %d of the text is not in code page %s", e.Rune, e.Offset, e.Page)
}

// An InvalidError says that the text to encode is no valid UTF-8. It wraps ErrInvalidUTF8.
type InvalidError struct {
	Offset int // of the first wrong byte in the text
}

// Error gives the place, not the byte.
func (e *InvalidError) Error() string {
	return fmt.Sprintf("byte %d of the text: %v", e.Offset, ErrInvalidUTF8)
}

// Unwrap returns ErrInvalidUTF8.
func (e *InvalidError) Unwrap() error { return ErrInvalidUTF8 }

// A DecodeError says that host bytes are not well formed in the code page.
// Single-byte pages never give one: each byte has its own code point.
type DecodeError struct {
	Page   string // name of the code page
	Offset int    // of the first wrong byte
	Reason error  // one of the Err values above
}

// Error gives the place and the reason, not the bytes.
func (e *DecodeError) Error() string {
	return fmt.Sprintf("byte %d in code page %s: %v", e.Offset, e.Page, e.Reason)
}

// Unwrap returns the reason.
func (e *DecodeError) Unwrap() error { return e.Reason }

// An UnknownPageError says that no code page has the name.
type UnknownPageError struct {
	Name  string   // as asked for, cut to a sane length
	Close []string // canonical names that look alike, best first; may be empty
}

// Error proposes the close names.
func (e *UnknownPageError) Error() string {
	if len(e.Close) == 0 {
		return fmt.Sprintf("unknown code page %q", e.Name)
	}
	return fmt.Sprintf("unknown code page %q; did you mean %s?", e.Name, strings.Join(e.Close, ", "))
}
