// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// recordDescriptor returns how many bytes follow a record descriptor word.
func (d *datasetReader) recordDescriptor(b [descriptor]byte) (int64, error) {
	rest := 2 - d.f.rdwOffset
	switch {
	case rest == 2 && b[2] != 0 && b[2]&^3 == 0 && b[3] == 0:
		return 0, d.fail("it is a segment of a spanned record; spanned records are not read: unload the dataset as VB")
	case b[rest] != 0 || b[rest+1] != 0:
		return 0, d.fail("its descriptor word has bytes other than zero beside the length: check framing, lengthOrder, rdwOffset and fileHeader")
	}
	n := word(b[d.f.rdwOffset:d.f.rdwOffset+2], d.f.lengthLittle)
	if !d.f.includesSelf() {
		return n, nil
	}
	if n < descriptor {
		return 0, d.fail(fmt.Sprintf("its descriptor word says %d bytes, less than its own 4", n))
	}
	return n - descriptor, nil
}

func (d *datasetReader) bdw() error {
	for d.block == 0 {
		if err := d.prefix(d.head[:]); err != nil {
			return err
		}
		if err := d.blockDescriptor(d.head); err != nil {
			return err
		}
		d.start = d.offset
	}
	if d.block < descriptor {
		return d.fail(fmt.Sprintf("its block has %d bytes left, less than a descriptor word", d.block))
	}
	if err := d.prefix(d.head[:]); err != nil {
		return d.failRead(err)
	}
	n, err := d.recordDescriptor(d.head)
	if err != nil {
		return err
	}
	if d.block -= descriptor + n; d.block < 0 {
		return d.fail("it is longer than the rest of its block")
	}
	return d.frame(n)
}

// blockDescriptor notes the length of a block.
func (d *datasetReader) blockDescriptor(b [descriptor]byte) error {
	var n int64
	switch {
	case !d.f.blockLittle && b[0]&0x80 != 0: // a long block: 31 bits
		n = word(b[:], false) &^ (1 << 31)
	case b[2] != 0 || b[3] != 0:
		return d.fail("its block descriptor word has bytes other than zero beside the length: check framing, blockOrder and fileHeader")
	default:
		n = word(b[:2], d.f.blockLittle)
	}
	if d.f.blockIncludes != "payload" {
		if n < descriptor {
			return d.fail(fmt.Sprintf("its block descriptor word says %d bytes, less than its own 4", n))
		}
		n -= descriptor
	}
	d.block = n
	return nil
}

// trailerReader leaves out the last bytes of an input.
type trailerReader struct {
	r    *bufio.Reader
	keep int
}

// Read implements io.Reader.
func (t *trailerReader) Read(p []byte) (int, error) {
	if _, err := t.r.Peek(t.keep + 1); err != nil {
		if errors.Is(err, io.EOF) && t.r.Buffered() < t.keep {
			return 0, errShortTrailer
		}
		return 0, err
	}
	b, err := t.r.Peek(min(t.keep+len(p), t.r.Buffered()))
	if err != nil {
		return 0, err
	}
	n := copy(p, b[:len(b)-t.keep])
	_, err = t.r.Discard(n)
	return n, err
}

var errShortTrailer = errors.New("the dataset is shorter than fileTrailer")
