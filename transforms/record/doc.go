// SPDX-License-Identifier: Apache-2.0

// Package record is the format of fixed-width records that a COBOL copybook describes.
//
// Compile turns one record of a copybook into a Codec, once, when a workspace is loaded. All that
// can be decided then is decided then: the codec of each elementary item (a leaf), JSON names,
// offsets, the bytes of defaults and literals. A message is read and written by walking flat lists
// of steps; nothing is allocated for each field.
//
// # Bytes
//
// Every usage has a leaf of its own: text.go, zoned.go, packed.go, binary.go, float.go, edited.go,
// national.go; dates, enums and booleans wrap one of them. Decimal numbers are digits from end to
// end and never pass through floating point. What does not fit is a *transforms.FieldError that
// names field, offset, picture and reason, and never the value; the Policy of the Options loosens
// that where a workspace says so.
//
// # JSON
//
// The record is an object. Groups are objects, tables are arrays, items without meaning (FILLER,
// slack bytes) do not appear, and a FILLER group gives its named children to the group around it.
//
// The JSON name of a field is its COBOL name in lower camel case: the hyphen, the underscore and
// the characters @ # $ : separate words and vanish, the first word begins with a small letter, the
// others with a capital, digits stay (ACCT-OPEN-DATE is acctOpenDate, LINE-1 is line1). A name that
// would begin with a digit gets an underscore in front. The prefix of a record's rule is dropped
// first, whatever its case. If two fields of one object come to the same name, the first in the
// record keeps it and the others get 2, 3 and so on; json: of a rule overrides all that.
//
// # Tables, alternatives, short messages
//
// Under storage Actual an OCCURS DEPENDING ON table takes as many entries as its counter says and
// all that follows moves; the counter is checked before anything grows. The alternatives of a
// REDEFINES block are optional members: a redefines rule says which one is there, without a rule
// each that can be decoded is. A discriminator value without a choice means the redefined item
// itself, unless a choice names that one. When a record is written, the alternative whose member is
// given is the one, and the discriminator follows from it or must agree. A message may end early,
// between two fields: the fields behind its end are absent.
//
// # Whole records
//
// DecodeJSON and EncodeJSON are strict. DecodeTolerant goes on behind fields that cannot be read and
// lists them. DecodeExact and EncodeExact keep all bytes of a record from one to the other.
//
// Until version 1 only the root packages promise stability; this one may change.
package record
