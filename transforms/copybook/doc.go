// SPDX-License-Identifier: Apache-2.0

// Package copybook reads COBOL copybooks and lays their records out in bytes.
//
// Parse takes the text of one book and gives a Book: for every level 01 (or 77) a tree of items with
// offset, size, picture, usage, occurrences, redefinitions, condition-names and the place in the
// source. Every clause of a data description is recognized, those without effect on bytes too. What
// the reader cannot lay out exactly is an error with file, line and column; a book with errors gives
// no layout at all.
//
// The way through the package follows the text: source.go cuts lines into text areas (margins,
// continuation, comments, directives), lexer.go makes text words of them, copy.go and replace.go
// carry out COPY, REPLACE and REPLACING, parser.go reads entries and clauses.go their clauses,
// picture_parse.go analyses pictures, tree.go nests the entries, resolve.go gives every item its
// picture, usage and references, and storage.go sets sizes and offsets by the rules of a Dialect.
//
// Where compilers differ, IBM Enterprise COBOL for z/OS decides, unless the dialect says otherwise.
// The finding codes begin with LNT2; Rules lists them.
package copybook
