// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
)

// framing says how records stand in a dataset.
type framing struct {
	kind string
	// recordLength is the payload of every record of a fixed dataset; 0 until the record is known.
	recordLength int
	lengthBytes  int
	lengthLittle bool
	// lengthIncludes and blockIncludes are "self", "payload" or, for the default of the framing, empty.
	lengthIncludes, blockIncludes string
	rdwOffset                     int
	blockLittle                   bool
	blockSize                     int
	lineEnd                       string
	// Bytes that belong to no record: around all of them, and around each inside of its frame.
	fileHeader, fileTrailer, recordHeader, recordTrailer int
	shortLast                                            shortLast
	fill                                                 byte
	hasFill                                              bool
}

// shortLast says what to do with a last record that is too short.
type shortLast uint8

const (
	shortError shortLast = iota
	shortKeep
	shortDrop
	shortFill
)

// maxBlock is the longest block and the longest record with its descriptor that z/OS writes with
// descriptor words of 16 bits.
const maxBlock = 32760

// descriptor is the length of a record or block descriptor word.
const descriptor = 4

// withDefaults leaves the kind open: it depends on the record.
func (f framing) withDefaults() framing {
	if f.lengthBytes == 0 {
		f.lengthBytes = 4
	}
	if f.blockSize == 0 {
		f.blockSize = maxBlock
	}
	if f.lineEnd == "" {
		f.lineEnd = "lf"
	}
	return f
}

// includesSelf tells that the length in front of a record counts itself.
func (f *framing) includesSelf() bool {
	if f.lengthIncludes == "" {
		return f.kind != framingLength
	}
	return f.lengthIncludes == "self"
}

// margins are the bytes of a frame that are not the record's.
func (f *framing) margins() int { return f.recordHeader + f.recordTrailer }

func lineEndWords() []string { return []string{"lf", "crlf", "nel15", "lf25"} }

// lineEndBytes are the bytes behind a line.
func (f *framing) lineEndBytes() []byte {
	ends := [][]byte{{0x0A}, {0x0D, 0x0A}, {0x15}, {0x25}}
	return ends[max(slices.Index(lineEndWords(), f.lineEnd), 0)]
}

// datasetError says that a dataset cannot be read on, or that a record cannot be put into one.
type datasetError struct {
	// record counts from 1; offset is the place of its frame in bytes from 0.
	record, offset int64
	reason         string
}

// Error gives record, place and reason.
func (e *datasetError) Error() string {
	if e.record == 0 {
		return fmt.Sprintf("byte %d: %s", e.offset, e.reason)
	}
	return fmt.Sprintf("record %d at byte %d: %s", e.record, e.offset, e.reason)
}

// word reads an unsigned number of up to four bytes.
func word(b []byte, little bool) int64 {
	var n int64
	for i := range b {
		at := i
		if little {
			at = len(b) - 1 - i
		}
		n = n<<8 | int64(b[at])
	}
	return n
}

// putWord writes an unsigned number that fits.
func putWord(b []byte, n int64, little bool) {
	for i := range b {
		at := len(b) - 1 - i
		if little {
			at = i
		}
		b[at] = byte(n)
		n >>= 8
	}
}
