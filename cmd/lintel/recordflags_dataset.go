// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/hex"
	"errors"
)

// Words of the option framing.
const (
	framingFixed  = "fixed"
	framingRDW    = "rdw"
	framingBDW    = "bdw"
	framingLines  = "lines"
	framingLength = "length"
	framingWhole  = "whole"
)

// datasetOptions say how records stand in a dataset. A workspace does not have them: there the
// frame of a backend delimits messages.
func datasetOptions() []recordOption {
	framings := []string{framingFixed, framingRDW, framingBDW, framingLines, framingLength, framingWhole}
	orders := []string{"big", "little"}
	counts := []string{"self", "payload"}
	prefixed := []string{framingRDW, framingBDW, framingLength}
	bytesOption := func(key, doc string, framings []string, to func(*recordSettings) *int) recordOption {
		return intOption(recordOption{key: key, doc: doc, def: "0", framings: framings}, 0, maxMargin, to)
	}
	options := []recordOption{
		wordOption(recordOption{
			key: "framing", words: framings, def: framingFixed,
			doc: "how records are told apart: by their length, by record descriptor words, by these in blocks, by line ends, by a length in front, or not at all, since there is only one",
		}, func(s *recordSettings, i int) { s.data.kind = framings[i] }),
		intOption(recordOption{
			key: "recordLength", def: "length of the record", framings: []string{framingFixed},
			doc: "bytes of every record",
		}, 1, 134_217_727, func(s *recordSettings) *int { return &s.data.recordLength }),
		intOption(recordOption{key: "lengthBytes", def: "4", framings: []string{framingLength}, doc: "bytes of the length in front"},
			1, 4, func(s *recordSettings) *int { return &s.data.lengthBytes }),
		wordOption(recordOption{key: "lengthOrder", words: orders, def: "big", framings: prefixed, doc: "byte order of the length in front"},
			func(s *recordSettings, i int) { s.data.lengthLittle = i == 1 }),
		wordOption(recordOption{
			key: "lengthIncludes", words: counts, def: "self for rdw and bdw, payload for length", framings: prefixed,
			doc: "what the length counts: its own bytes too, or the record alone",
		}, func(s *recordSettings, i int) { s.data.lengthIncludes = counts[i] }),
		wordOption(recordOption{
			key: "rdwOffset", words: []string{"0", "2"}, def: "0", framings: []string{framingRDW, framingBDW},
			doc: "where the length stands in the four bytes of a record descriptor word",
		}, func(s *recordSettings, i int) { s.data.rdwOffset = 2 * i }),
		wordOption(recordOption{key: "blockOrder", words: orders, def: "big", framings: []string{framingBDW}, doc: "byte order of the length of a block"},
			func(s *recordSettings, i int) { s.data.blockLittle = i == 1 }),
		wordOption(recordOption{
			key: "blockIncludes", words: counts, def: "self", framings: []string{framingBDW},
			doc: "what the length of a block counts",
		}, func(s *recordSettings, i int) { s.data.blockIncludes = counts[i] }),
		intOption(recordOption{
			key: "blockSize", def: "32760", framings: []string{framingBDW},
			doc: "longest block that encode writes",
		}, 9, maxBlock, func(s *recordSettings) *int { return &s.data.blockSize }),
		wordOption(recordOption{
			key: "lineEnd", words: lineEndWords(), def: "lf", framings: []string{framingLines},
			doc: "bytes that end a line: X'0A', X'0D0A', X'15' or X'25'",
		}, func(s *recordSettings, i int) { s.data.lineEnd = lineEndWords()[i] }),
		bytesOption("fileHeader", "bytes in front of the first record: decode passes over them, encode writes X'00'", nil,
			func(s *recordSettings) *int { return &s.data.fileHeader }),
		bytesOption("fileTrailer", "bytes behind the last record, likewise", nil,
			func(s *recordSettings) *int { return &s.data.fileTrailer }),
		bytesOption("recordHeader", "bytes in front of every record, inside of its frame, likewise", nil,
			func(s *recordSettings) *int { return &s.data.recordHeader }),
		bytesOption("recordTrailer", "bytes behind every record, inside of its frame, likewise", nil,
			func(s *recordSettings) *int { return &s.data.recordTrailer }),
		wordOption(recordOption{
			key: "shortLast", words: []string{"error", "keep", "drop", "fill"}, def: "error", framings: []string{framingFixed},
			doc: "a last record that is too short: an error, decoded as it is, left out, or filled up",
		}, func(s *recordSettings, i int) { s.data.shortLast = shortLast(i) }),
		textOption(recordOption{
			key: "fill", arg: "XX", def: "none", framings: []string{framingFixed},
			doc: "byte, in hexadecimal, that fills short records up to their length; without it encode refuses them, and shortLast fill takes the blank of the code page",
		}, setFill),
	}
	for i := range options {
		options[i].group = groupDataset
	}
	return options
}

// maxMargin bounds headers and trailers, in bytes.
const maxMargin = 1 << 20

func setFill(s *recordSettings, text string) error {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != 1 {
		return errors.New("must be one byte in hexadecimal, such as 40")
	}
	s.data.fill, s.data.hasFill = b[0], true
	return nil
}
