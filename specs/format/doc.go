// SPDX-License-Identifier: Apache-2.0

// Package format brings the YAML of a workspace into one form: what lintel fmt does.
//
// Only white space at the beginning and the end of lines is touched, and empty lines: every level is indented by
// two columns, lists under a key too; lines end without blanks and with LF; of several empty lines one
// is left, and none at the beginning and the end. Values, quotes, comments and the order of keys stay as they
// are written, and so do the insides of texts that go over several lines.
//
// [YAML] proves its result before it gives it: the same values with the same quotes come out of both texts, and
// the same comments.
//
//   - lines.go walks the lines and keeps the levels;
//   - scan.go finds out how a line begins, and where a value that it begins ends.
package format
