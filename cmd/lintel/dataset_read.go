// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// datasetReader takes a dataset apart into records. Its memory is that of the longest record.
type datasetReader struct {
	r *bufio.Reader
	f framing
	// limit is the longest record in bytes; blank fills short ones.
	limit int
	blank byte
	// offset counts the bytes read so far, record the records begun.
	offset, record int64
	start          int64
	// block is how many bytes of the present block are left.
	block   int64
	started bool
	// head is room for descriptors, buf for the frame.
	head [descriptor]byte
	buf  []byte
}

// datasetRecord is one record with its place.
type datasetRecord struct {
	// number counts from 1, offset is that of the first byte of data, from 0.
	number, offset int64
	// data is good until the next record is read.
	data []byte
}

// datasetBuffer is how much is read at once, and how much is allocated for a record before its bytes are seen.
const datasetBuffer = 64 << 10

func newDatasetReader(r io.Reader, f framing, limit int, blank byte) *datasetReader {
	if f.fileTrailer > 0 {
		r = &trailerReader{r: bufio.NewReaderSize(r, f.fileTrailer+datasetBuffer), keep: f.fileTrailer}
	}
	return &datasetReader{r: bufio.NewReaderSize(r, datasetBuffer), f: f, limit: limit, blank: blank}
}

// next reads a record; io.EOF means that there is none left. Any other error ends the dataset: what
// follows it cannot be told apart.
func (d *datasetReader) next() (datasetRecord, error) {
	if !d.started {
		d.started = true
		if err := d.header(); err != nil {
			return datasetRecord{}, err
		}
	}
	d.start = d.offset
	d.record++
	d.buf = d.buf[:0]
	var err error
	switch d.f.kind {
	case framingRDW:
		err = d.rdw()
	case framingBDW:
		err = d.bdw()
	case framingLength:
		err = d.length()
	case framingLines:
		err = d.line()
	case framingWhole:
		err = d.whole()
	default:
		err = d.fixed()
	}
	if err != nil {
		return datasetRecord{}, err
	}
	return d.payload()
}

// payload takes header and trailer off the frame in buf.
func (d *datasetReader) payload() (datasetRecord, error) {
	if len(d.buf) < d.f.margins() {
		return datasetRecord{}, d.fail(fmt.Sprintf("it has %d bytes, less than recordHeader and recordTrailer together", len(d.buf)))
	}
	rec := datasetRecord{number: d.record, data: d.buf[d.f.recordHeader : len(d.buf)-d.f.recordTrailer]}
	end := d.offset
	if d.f.kind == framingLines {
		end = d.start + int64(len(d.buf))
	}
	rec.offset = end - int64(len(d.buf)) + int64(d.f.recordHeader)
	return rec, nil
}

func (d *datasetReader) fail(reason string) error {
	return &datasetError{record: d.record, offset: d.start, reason: reason}
}

// failRead turns an error of the input into one with a place.
func (d *datasetReader) failRead(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return d.fail("the dataset ends within the record")
	}
	return fmt.Errorf("record %d at byte %d: %w", d.record, d.start, err)
}

func (d *datasetReader) header() error {
	n, err := io.CopyN(io.Discard, d.r, int64(d.f.fileHeader))
	d.offset += n
	if errors.Is(err, io.EOF) {
		return &datasetError{offset: n, reason: "the dataset ends within its header"}
	}
	return err
}

// take appends n bytes to buf. It grows with what is there, not with what a length promises. It
// returns io.EOF if there is nothing at all, io.ErrUnexpectedEOF if there is too little.
func (d *datasetReader) take(n int) error {
	for n > 0 {
		step := min(n, datasetBuffer)
		at := len(d.buf)
		d.buf = append(d.buf, make([]byte, step)...)
		got, err := io.ReadFull(d.r, d.buf[at:])
		d.buf = d.buf[:at+got]
		d.offset += int64(got)
		n -= got
		if err != nil {
			if at > 0 && errors.Is(err, io.EOF) {
				return io.ErrUnexpectedEOF
			}
			return err
		}
	}
	return nil
}

// prefix reads the bytes in front of a record; io.EOF is the end of the dataset.
func (d *datasetReader) prefix(to []byte) error {
	n, err := io.ReadFull(d.r, to)
	d.offset += int64(n)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return d.failRead(err)
	}
	return err
}

// frame reads the n bytes of a frame.
func (d *datasetReader) frame(n int64) error {
	if n > int64(d.limit+d.f.margins()) {
		return d.fail(fmt.Sprintf("its length says %d bytes, and the limit is %d", n, d.limit))
	}
	err := d.take(int(n))
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return d.fail(fmt.Sprintf("its length says %d bytes, and the dataset ends after %d of them: check framing, lengthOrder and lengthIncludes", n, len(d.buf)))
	}
	if err != nil {
		return d.failRead(err)
	}
	return nil
}

func (d *datasetReader) fixed() error {
	want := d.f.recordLength + d.f.margins()
	err := d.take(want)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	switch d.f.shortLast {
	case shortDrop:
		return io.EOF
	case shortFill:
		missing := want - len(d.buf)
		d.buf = append(d.buf, bytes.Repeat([]byte{d.blank}, missing)...)
		d.offset += int64(missing) // so that the place of the record is right
		return nil
	case shortKeep:
		if len(d.buf) >= d.f.recordHeader {
			// The trailer stands behind what is missing.
			missing := d.f.recordTrailer - max(len(d.buf)-d.f.recordHeader-d.f.recordLength, 0)
			d.buf = append(d.buf, make([]byte, missing)...)
			d.offset += int64(missing)
		}
		return nil
	}
	return d.fail(fmt.Sprintf("the dataset ends after %d of its %d bytes", len(d.buf), want))
}

func (d *datasetReader) rdw() error {
	if err := d.prefix(d.head[:]); err != nil {
		return err
	}
	n, err := d.recordDescriptor(d.head)
	if err != nil {
		return err
	}
	return d.frame(n)
}

func (d *datasetReader) length() error {
	b := d.head[:d.f.lengthBytes]
	if err := d.prefix(b); err != nil {
		return err
	}
	n := word(b, d.f.lengthLittle)
	if d.f.includesSelf() {
		if n < int64(len(b)) {
			return d.fail(fmt.Sprintf("its length says %d bytes, less than its own %d", n, len(b)))
		}
		n -= int64(len(b))
	}
	return d.frame(n)
}

func (d *datasetReader) line() error {
	end := d.f.lineEndBytes()
	for {
		piece, err := d.r.ReadSlice(end[len(end)-1])
		d.buf = append(d.buf, piece...)
		d.offset += int64(len(piece))
		switch {
		case errors.Is(err, io.EOF):
			if len(d.buf) == 0 {
				return io.EOF
			}
			return d.lineLimit(len(d.buf)) // the last line may lack its end
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return d.failRead(err)
		case err == nil && bytes.HasSuffix(d.buf, end):
			d.buf = d.buf[:len(d.buf)-len(end)]
			return d.lineLimit(len(d.buf))
		}
		if err := d.lineLimit(len(d.buf) - len(end)); err != nil {
			return err
		}
	}
}

func (d *datasetReader) lineLimit(n int) error {
	if n > d.limit+d.f.margins() {
		return d.fail(fmt.Sprintf("the line is longer than the limit of %d bytes: check lineEnd", d.limit))
	}
	return nil
}

func (d *datasetReader) whole() error {
	err := d.take(d.limit + d.f.margins())
	switch {
	case err == nil:
		if _, err = d.r.Peek(1); err == nil {
			return d.fail(fmt.Sprintf("it is longer than the limit of %d bytes: check framing", d.limit))
		}
		return nil
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil
	default:
		return err
	}
}
