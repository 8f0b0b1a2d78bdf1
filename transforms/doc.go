// SPDX-License-Identifier: Apache-2.0

// Package transforms maps JSON to host messages and back. It is pure: no network, no clock, no
// global state.
//
// A Compiler turns one transform file into a Transform: a flat plan that is made once, when the
// workspace is loaded. A Run executes it: Request reads the input of a call, checks it against the
// contract and writes the host's message; Reply reads the host's reply, picks the first outcome
// that holds and writes the answer.
//
// The plan works on slots. While a Reader goes over a message once, it stores the values that the
// transform wants (a Capture) as spans of the message; a Writer goes over its message once and
// takes each value from its Source, which for a plain move is a slot. Only expressions that
// compute something meet the expression VM.
//
// What the bytes of a message mean is the matter of a Format: record, soap and json are packages
// below this one, given to the Compiler as plain values. Both sides describe their messages by a
// Type, on which expressions and mappings are checked when they are compiled.
package transforms
