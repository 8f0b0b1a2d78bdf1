// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
)

// readAtMost reads an input that must not be longer than limit.
func readAtMost(r io.Reader, limit int) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err == nil && len(b) > limit {
		return nil, fmt.Errorf("it has more than %d bytes", limit)
	}
	return b, err
}

// openInput opens a file, or stdin for "-" and for no name. Reading ends when ctx does.
func openInput(ctx context.Context, stdin io.Reader, name string) (io.Reader, func(), error) {
	if name == "" || name == "-" {
		return newContextReader(ctx, stdin), func() {}, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, &exitError{code: exitLoad, err: fmt.Errorf("file %s %s", name, whyNot(err))}
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		_ = f.Close()
		return nil, nil, &exitError{code: exitLoad, err: fmt.Errorf("%s is a folder", name)}
	}
	return newContextReader(ctx, f), func() { _ = f.Close() }, nil
}

// contextReader reads in the background, so that an interrupt ends a read that waits for a terminal
// or a pipe.
type contextReader struct {
	ctx  context.Context
	want chan []byte
	got  chan readResult
	buf  []byte
	rest []byte
	err  error
}

type readResult struct {
	n   int
	err error
}

func newContextReader(ctx context.Context, r io.Reader) *contextReader {
	c := &contextReader{ctx: ctx, want: make(chan []byte), got: make(chan readResult, 1), buf: make([]byte, datasetBuffer)}
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case b, more := <-c.want:
				if !more {
					return
				}
				n, err := r.Read(b)
				c.got <- readResult{n, err}
			}
		}
	}()
	return c
}

// Read implements io.Reader.
func (c *contextReader) Read(p []byte) (int, error) {
	for len(c.rest) == 0 {
		if c.err != nil {
			return 0, c.err
		}
		c.fetch()
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func (c *contextReader) fetch() {
	select {
	case <-c.ctx.Done():
		c.err = c.ctx.Err()
		return
	case c.want <- c.buf:
	}
	select {
	case <-c.ctx.Done():
		c.err = c.ctx.Err()
	case r := <-c.got:
		c.rest = c.buf[:r.n]
		if r.err != nil {
			c.err = r.err
			close(c.want)
		}
	}
}

// hexReader reads bytes written as hexadecimal digits; white space may stand between them.
type hexReader struct {
	r *bufio.Reader
	// offset counts the characters read.
	offset int64
}

func newHexReader(r io.Reader) *hexReader {
	return &hexReader{r: bufio.NewReaderSize(r, datasetBuffer)}
}

// Read implements io.Reader.
func (h *hexReader) Read(p []byte) (int, error) {
	for i := range p {
		high, err := h.digit()
		if err != nil {
			return i, err
		}
		low, err := h.digit()
		if errors.Is(err, io.EOF) {
			return i, errors.New("the hexadecimal text has an odd number of digits")
		}
		if err != nil {
			return i, err
		}
		p[i] = high<<4 | low
	}
	return len(p), nil
}

// digit returns the next digit.
func (h *hexReader) digit() (byte, error) {
	for {
		b, err := h.r.ReadByte()
		if err != nil {
			return 0, err
		}
		h.offset++
		switch {
		case b >= '0' && b <= '9':
			return b - '0', nil
		case b >= 'a' && b <= 'f':
			return b - 'a' + 10, nil
		case b >= 'A' && b <= 'F':
			return b - 'A' + 10, nil
		case b != ' ' && b != '\n' && b != '\r' && b != '\t':
			return 0, fmt.Errorf("character %d is no hexadecimal digit", h.offset)
		}
	}
}

// hexWriter writes each piece as one line of hexadecimal digits.
type hexWriter struct {
	w   io.Writer
	buf []byte
}

// Write implements io.Writer.
func (h *hexWriter) Write(p []byte) (int, error) {
	h.buf = append(hex.AppendEncode(h.buf[:0], p), '\n')
	if _, err := h.w.Write(h.buf); err != nil {
		return 0, err
	}
	return len(p), nil
}
