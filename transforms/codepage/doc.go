// SPDX-License-Identifier: Apache-2.0

// Package codepage converts between host bytes and UTF-8: EBCDIC code pages
// with one byte a character, EBCDIC pages that mix in double bytes between
// shift-out and shift-in, double bytes alone (PIC G, PIC N), and the ASCII
// family.
//
//	page, err := codepage.Lookup("cp1047")
//	text, err := page.AppendDecode(nil, record[12:42])
//	bytes, err := page.AppendEncode(nil, text)
//
// # Nothing is lost
//
// Each single-byte page is a bijection: every byte has a code point of its own
// and comes back as that byte. A byte the page leaves without a character
// stands for the C1 control of its number where that is free (81 in
// windows-1252), else for the private code point U+EF00 plus the byte.
// Assigned tells such bytes. Multibyte pages have no room for that and refuse
// bytes that are not well formed.
//
// Encoding is strict: no substitution, no best fit, no change of width. What
// the page does not have is an *UnmappableError.
//
// # The newline
//
// X'15' is NEL (U+0085) and X'25' is LF (U+000A) in every EBCDIC page, as IBM
// registers them. Where a host exchanges the two, as z/OS UNIX does, ask for
// the page with ",swaplfnl" behind its name.
//
// # Where the tables come from
//
// They are generated from the mapping tables of ICU (by IBM and Unicode, Inc.,
// under the Unicode license) by the program in gen, and checked against those of glibc and against the rule
// that a page and its euro twin differ in one byte only. The catalog is
// gen/pages.txt. Of IBM's PC tables one thing is not taken over: their
// rotation of X'1A', X'1C' and X'7F'.
package codepage

//go:generate go run ./gen
