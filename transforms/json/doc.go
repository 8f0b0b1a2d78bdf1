// SPDX-License-Identifier: Apache-2.0

// Package json is the format of JSON documents that a contract schema describes.
//
// New compiles a schema once, when a workspace is loaded. Its Reader first lets jsontext prove that
// a document is well-formed (UTF-8, no duplicate member names, one value, bounded depth) and then
// walks the proven bytes once: that walk checks every keyword of the schema and takes out the parts
// that a transform wants, without copying them. Its Writer appends a document from a Mapping.
//
// Numbers are compared as decimal text and never pass through float64. Issues carry JSON pointers,
// stable codes and what the contract wants, never the value that was found.
//
// Time and memory are bounded: nesting (Options.MaxDepth), issues (Options.MaxIssues), captured
// rows (Options.MaxRows), the work that alternatives (anyOf, oneOf, not) may cause, the size of
// compiled patterns. docs/reference/json-schema.md lists the keywords and how exactly each is
// enforced. Until version 1 only the root packages promise stability; this one may change.
package json
