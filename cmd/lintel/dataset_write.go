// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"
)

// datasetWriter puts records into a dataset. It writes once for each record, or for each block.
type datasetWriter struct {
	w io.Writer
	f framing
	// offset counts the bytes of finished frames, record the records.
	offset, record int64
	buf            []byte
	block          []byte
	started        bool
}

func newDatasetWriter(w io.Writer, f framing) *datasetWriter {
	return &datasetWriter{w: w, f: f}
}

// write adds one record. A *datasetError means that the record does not go into such a dataset;
// nothing of it was written then.
func (d *datasetWriter) write(rec []byte) error {
	d.record++
	if err := d.begin(); err != nil {
		return err
	}
	n := int64(len(rec) + d.f.margins())
	prefix, suffix, err := d.around(rec, n)
	if err != nil {
		d.record--
		return err
	}
	d.buf = append(d.buf[:0], prefix...)
	d.buf = append(d.buf, make([]byte, d.f.recordHeader)...)
	d.buf = append(d.buf, rec...)
	if missing := d.f.recordLength - len(rec); d.f.kind == framingFixed && missing > 0 {
		d.buf = append(d.buf, bytes.Repeat([]byte{d.f.fill}, missing)...)
	}
	d.buf = append(d.buf, make([]byte, d.f.recordTrailer)...)
	d.buf = append(d.buf, suffix...)
	if d.f.kind == framingBDW {
		return d.toBlock()
	}
	return d.put(d.buf)
}

// around returns what stands in front of and behind a frame of n bytes.
func (d *datasetWriter) around(rec []byte, n int64) (prefix, suffix []byte, err error) {
	switch d.f.kind {
	case framingRDW, framingBDW:
		prefix, err = d.recordDescriptor(n)
	case framingLength:
		prefix, err = d.lengthField(n)
	case framingLines:
		suffix = d.f.lineEndBytes()
		if bytes.Contains(rec, suffix) {
			err = d.fail("it contains the bytes that end a line: choose another framing")
		}
	case framingWhole:
		if d.record > 1 {
			err = d.fail("framing whole takes one record only")
		}
	default:
		switch short := d.f.recordLength - len(rec); {
		case short < 0:
			err = d.fail(fmt.Sprintf("it has %d bytes, more than the %d of recordLength", len(rec), d.f.recordLength))
		case short > 0 && !d.f.hasFill:
			err = d.fail(fmt.Sprintf("it has %d bytes of %d: name the byte that fills short records, or choose another framing", len(rec), d.f.recordLength))
		}
	}
	return prefix, suffix, err
}

func (d *datasetWriter) recordDescriptor(n int64) ([]byte, error) {
	longest := int64(maxBlock)
	if d.f.kind == framingBDW {
		longest = int64(d.f.blockSize) - descriptor
	}
	if n+descriptor > longest {
		return nil, d.fail(fmt.Sprintf("it has %d bytes, and a record of this framing has at most %d", n, longest-descriptor))
	}
	if d.f.includesSelf() {
		n += descriptor
	}
	b := make([]byte, descriptor)
	putWord(b[d.f.rdwOffset:d.f.rdwOffset+2], n, d.f.lengthLittle)
	return b, nil
}

func (d *datasetWriter) lengthField(n int64) ([]byte, error) {
	b := make([]byte, d.f.lengthBytes)
	if d.f.includesSelf() {
		n += int64(len(b))
	}
	if n >= 1<<(8*len(b)) {
		return nil, d.fail(fmt.Sprintf("it is too long for a length of %d bytes", len(b)))
	}
	putWord(b, n, d.f.lengthLittle)
	return b, nil
}

// toBlock adds the frame in buf to the block, which is written first if there is no room.
func (d *datasetWriter) toBlock() error {
	if descriptor+len(d.block)+len(d.buf) > d.f.blockSize {
		if err := d.endBlock(); err != nil {
			return err
		}
	}
	d.block = append(d.block, d.buf...)
	return nil
}

func (d *datasetWriter) endBlock() error {
	if len(d.block) == 0 {
		return nil
	}
	n := int64(len(d.block))
	if d.f.blockIncludes != "payload" {
		n += descriptor
	}
	var b [descriptor]byte
	putWord(b[:2], n, d.f.blockLittle)
	err := d.put(slices.Concat(b[:], d.block))
	d.block = d.block[:0]
	return err
}

// begin writes the header of the dataset.
func (d *datasetWriter) begin() error {
	if d.started {
		return nil
	}
	d.started = true
	if d.f.fileHeader == 0 {
		return nil
	}
	return d.put(make([]byte, d.f.fileHeader))
}

// close writes what is left: the last block and the trailer.
func (d *datasetWriter) close() error {
	if err := d.begin(); err != nil {
		return err
	}
	if err := d.endBlock(); err != nil {
		return err
	}
	if d.f.fileTrailer == 0 {
		return nil
	}
	return d.put(make([]byte, d.f.fileTrailer))
}

func (d *datasetWriter) put(b []byte) error {
	n, err := d.w.Write(b)
	d.offset += int64(n)
	return err
}

func (d *datasetWriter) fail(reason string) error {
	return &datasetError{record: d.record, offset: d.offset + int64(len(d.block)), reason: reason}
}
