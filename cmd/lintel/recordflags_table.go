// SPDX-License-Identifier: Apache-2.0

package main

import (
	"lintel/transforms/copybook"
	"lintel/transforms/record"
)

// valueOptions say how the values of fields are read and written.
func valueOptions() []recordOption {
	special := []string{"error", "null", "zero"}
	return []recordOption{
		textOption(recordOption{
			key: "codepage", field: true, arg: "NAME", def: "cp037",
			doc: "character encoding of the record; at a field, of its text and of zoned and edited numbers, dates included",
		}, func(s *recordSettings, text string) (err error) {
			s.page, err = pageOf(text)
			return err
		}),
		wordOption(recordOption{
			key: "storage", words: []string{"actual", "maximum"}, def: "actual",
			doc: "OCCURS DEPENDING ON tables take as many entries as their counter says, or always their greatest size",
		}, func(s *recordSettings, i int) { s.record.Storage = record.Storage(i) }),
		wordOption(recordOption{
			key: "trim", field: true, words: []string{"pad", "both", "none"}, def: "pad",
			doc: "blanks that are taken away from texts: those that pad the field, those on both sides, or none",
		}, func(s *recordSettings, i int) { s.record.Policy.Trim = record.Trim(i) }),
		wordOption(recordOption{
			key: "blanks", field: true, words: special, def: "error",
			doc: "what a number of all blanks is",
		}, func(s *recordSettings, i int) { s.record.Policy.Blank = record.Special(i) }),
		wordOption(recordOption{
			key: "lowValues", field: true, words: special, def: "error",
			doc: "what a number of all X'00' is, where that is no number",
		}, func(s *recordSettings, i int) { s.record.Policy.Low = record.Special(i) }),
		wordOption(recordOption{
			key: "highValues", field: true, words: special, def: "error",
			doc: "what a number of all X'FF' is, where that is no number",
		}, func(s *recordSettings, i int) { s.record.Policy.High = record.Special(i) }),
		wordOption(recordOption{
			key: "sign", field: true, words: []string{"nopfd", "preferred", "lax"}, def: "nopfd",
			doc: "sign nibbles that are accepted: A C E F plus and B D minus; C, D and F alone; or any in zoned numbers",
		}, func(s *recordSettings, i int) { s.record.Policy.Sign = record.Sign(i) }),
		wordOption(recordOption{
			key: "overflow", field: true, words: []string{"reject", "truncate"}, def: "reject",
			doc: "numbers with too many integer digits, and texts that are too long",
		}, func(s *recordSettings, i int) { s.record.Policy.Overflow = record.Overflow(i) }),
		wordOption(recordOption{
			key: "decimals", field: true, words: []string{"reject", "truncate", "round"}, def: "reject",
			doc: "digits behind the last decimal of the picture",
		}, func(s *recordSettings, i int) { s.record.Policy.Decimals = record.Decimals(i) }),
		wordOption(recordOption{
			key: "unmappable", field: true, words: []string{"reject", "substitute"}, def: "reject",
			doc: "characters that the code page lacks",
		}, func(s *recordSettings, i int) { s.record.Policy.Unmappable = record.Unmappable(i) }),
		wordOption(recordOption{
			key: "excess", words: []string{"reject", "ignore"}, def: "reject",
			doc: "bytes behind the end of the record",
		}, func(s *recordSettings, i int) { s.record.Policy.Excess = record.Excess(i) }),
		wordOption(recordOption{
			key: "unreadable", field: true, words: []string{"error", "null"}, def: "error",
			doc: "what a field becomes whose bytes cannot be read: an error of the whole message, or null, which is noted",
		}, func(s *recordSettings, i int) { s.record.Policy.Unreadable = record.Unreadable(i) }),
		boolOption(recordOption{key: "useValue", field: true, doc: "fill fields that are not given from their VALUE clauses"},
			func(s *recordSettings) *bool { return &s.record.Policy.UseValue }),
		boolOption(recordOption{key: "fillTables", field: true, doc: "fill tables that get fewer entries than their minimum with default entries"},
			func(s *recordSettings) *bool { return &s.record.Policy.FillTables }),
		boolOption(recordOption{key: "ignoreUnknown", doc: "pass over JSON members that the record does not have"},
			func(s *recordSettings) *bool { return &s.record.Policy.IgnoreUnknown }),
		boolOption(recordOption{key: "editedText", field: true, doc: "give numeric-edited fields as text, the way they stand in the record"},
			func(s *recordSettings) *bool { return &s.record.Policy.EditedText }),
		boolOption(recordOption{key: "keepFiller", field: true, doc: "make members of FILLER items"},
			func(s *recordSettings) *bool { return &s.record.Policy.KeepFiller }),
		intOption(recordOption{
			key: "century", field: true, def: "none",
			doc: "first year of the hundred that a two-digit year stands for; without it two-digit years are refused",
		}, 1, 9899, func(s *recordSettings) *int { return &s.record.Policy.Century }),
		intOption(recordOption{key: "maxRecord", def: "16777216", doc: "longest record in bytes"},
			1, 134_217_727, func(s *recordSettings) *int { return &s.record.Limits.Record }),
		intOption(recordOption{key: "maxEntries", def: "1000000", doc: "most table entries of one record, nested ones included"},
			1, 100_000_000, func(s *recordSettings) *int { return &s.record.Limits.Entries }),
	}
}

// dialectOptions say which compiler's rules lay the record out.
func dialectOptions() []recordOption {
	orders := []string{"big", "little"}
	dialect := func(s *recordSettings) *copybook.Dialect { return &s.book.Dialect }
	options := []recordOption{
		wordOption(recordOption{
			key: "dialect", words: copybook.Profiles(), def: "zos",
			doc: "set of rules of a compiler; the options below change single ones, and their defaults are those of zos",
		}, func(s *recordSettings, i int) { s.book.Dialect, _ = copybook.Profile(copybook.Profiles()[i]) }),
		wordOption(recordOption{
			key: "binarySize", words: []string{"2-4-8", "1-2-4-8", "1--8"}, def: "2-4-8",
			doc: "sizes that binary numbers may have, in bytes",
		}, func(s *recordSettings, i int) { dialect(s).BinarySize = copybook.BinarySize(i) }),
		boolOption(recordOption{key: "wideBinary", doc: "allow binary numbers of more than 18 digits"},
			func(s *recordSettings) *bool { return &dialect(s).WideBinary }),
		wordOption(recordOption{key: "binaryOrder", words: orders, def: "big", doc: "byte order of COMP, COMP-4 and BINARY"},
			func(s *recordSettings, i int) { dialect(s).BinaryLittle = i == 1 }),
		wordOption(recordOption{key: "nativeOrder", words: orders, def: "big", doc: "byte order of COMP-5"},
			func(s *recordSettings, i int) { dialect(s).NativeLittle = i == 1 }),
		wordOption(recordOption{
			key: "sync", words: []string{"zos", "natural", "none"}, def: "zos",
			doc: "alignment of SYNCHRONIZED items: the rule of z/OS, each to its own length, or none",
		}, func(s *recordSettings, i int) { dialect(s).Sync = copybook.SyncRule(i) }),
		wordOption(recordOption{
			key: "signTable", words: []string{"translated", "standard", "fujitsu", "realia", "tandem"}, def: "translated",
			doc: "characters of overpunched signs in ASCII data",
		}, func(s *recordSettings, i int) { dialect(s).Sign = copybook.ASCIISign(i) }),
		wordOption(recordOption{
			key: "float", words: []string{"hex", "ieee"}, def: "hex",
			doc: "format of COMP-1 and COMP-2: IBM hexadecimal or IEEE 754",
		}, func(s *recordSettings, i int) {
			if dialect(s).Float = copybook.FloatFormat(i); i == 0 {
				dialect(s).FloatLittle = false
			}
		}),
		wordOption(recordOption{key: "floatOrder", words: orders, def: "big", doc: "byte order of IEEE floats"},
			func(s *recordSettings, i int) { dialect(s).FloatLittle = i == 1 }),
		intOption(recordOption{key: "occursMin", def: "1", doc: "least entries of OCCURS n DEPENDING ON without TO"},
			0, 1, func(s *recordSettings) *int { return &dialect(s).OccursMin }),
		wordOption(recordOption{key: "pointer", words: []string{"4", "8"}, def: "4", doc: "bytes of POINTER items"},
			func(s *recordSettings, i int) { dialect(s).Pointer = 4 + 4*i }),
		intOption(recordOption{key: "maxDigits", def: "31", doc: "most digits of a number"},
			1, 38, func(s *recordSettings) *int { return &dialect(s).MaxDigits }),
	}
	for i := range options {
		options[i].group, options[i].field = groupDialect, true
	}
	return options
}
