// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// encodeCommand is the flags of lintel encode.
type encodeCommand struct {
	p      *program
	flags  *optionFlags
	record string
	hex    bool
	trace  bool
	keep   bool
	exact  bool
}

// maxLine is the longest line of JSON that encode reads, in bytes.
const maxLine = 256 << 20

func newEncode(p *program) *cobra.Command {
	c := &encodeCommand{p: p}
	cmd := &cobra.Command{
		Use:   "encode FILE.cpy [LINES]",
		Short: "Encode JSON lines to records of a dataset",
		Long: `Encode reads JSON objects, one a line, from LINES or standard input and writes each as a record.
What does not fit its field is an error that names line, JSON pointer, field, picture and reason,
and never the value.
Exit code 0: fine; 1: bad lines, or findings in the copybook or the options; 2: wrong usage;
3: a file cannot be read; 130: interrupted.`,
		Example: `  lintel encode ACCOUNT.cpy accounts.jsonl --codepage cp1140 > accounts.bin
  lintel encode ACCOUNT.cpy --framing rdw < accounts.jsonl > accounts.vb
  echo '{"id":"0042"}' | lintel encode ACCOUNT.cpy --hex`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error { return ended(c.run(cmd, args)) },
	}
	cmd.Flags().StringVar(&c.record, "record", "", "`NAME` of the level 01 entry, where the copybook has several")
	cmd.Flags().BoolVar(&c.hex, "hex", false, "write hexadecimal digits, one line for each record or block")
	cmd.Flags().BoolVar(&c.trace, "trace", false, "print one line for each field instead: pointer, offset, hex, characters and value")
	cmd.Flags().BoolVar(&c.keep, "keep-going", false, "pass over bad lines and list them at the end")
	cmd.Flags().BoolVar(&c.exact, "exact", false, "begin with the bytes that decode --exact kept in the member $bytes, and write only what was changed")
	c.flags = addOptionFlags(cmd)
	return cmd
}

func (c *encodeCommand) run(cmd *cobra.Command, args []string) error {
	if c.hex && c.trace {
		return usageError("--trace prints fields instead of records: leave out --hex")
	}
	o, err := c.p.openRecord(args[0], c.record, c.flags)
	if err != nil {
		return err
	}
	f, err := o.framing(c.flags, "")
	if err != nil {
		return err
	}
	in, done, err := openInput(cmd.Context(), cmd.InOrStdin(), second(args))
	if err != nil {
		return err
	}
	defer done()
	out := bufio.NewWriterSize(c.p.stdout, datasetBuffer)
	bad := newBadRecords(c.p, o, c.keep, false)
	sink, err := c.sink(o, f, out)
	shown := c.p.newProgress("lines", inputSize(second(args)))
	if err == nil {
		err = c.lines(cmd.Context(), o, in, sink, bad, shown)
	}
	shown.clear()
	if ferr := out.Flush(); err == nil {
		err = ferr
	}
	return bad.finish(err)
}

// recordSink takes encoded records.
type recordSink interface {
	write(rec []byte) error
	close() error
}

func (c *encodeCommand) sink(o *openedRecord, f framing, out io.Writer) (recordSink, error) {
	if c.trace {
		t, err := newTracer(o)
		return &traceSink{t: t, out: out, json: c.p.output == "json"}, err
	}
	if c.hex {
		out = &hexWriter{w: out}
	}
	return newDatasetWriter(out, f), nil
}

// traceSink prints the fields of records.
type traceSink struct {
	t              *tracer
	out            io.Writer
	json           bool
	number, offset int64
}

func (s *traceSink) write(rec []byte) error {
	s.number++
	r := datasetRecord{number: s.number, offset: s.offset, data: rec}
	s.offset += int64(len(rec))
	if s.json {
		return printTraceJSON(s.out, s.t, r)
	}
	return printTrace(s.out, s.t, r)
}

func (s *traceSink) close() error { return nil }

// lines encodes every line of the input.
func (c *encodeCommand) lines(ctx context.Context, o *openedRecord, in io.Reader, sink recordSink, bad *badRecords, shown *progress) error {
	s := bufio.NewScanner(in)
	s.Buffer(make([]byte, 0, datasetBuffer), maxLine)
	var rec []byte
	var number, read int64
	for s.Scan() {
		number++
		line := s.Bytes()
		read += int64(len(line)) + 1
		shown.step(read)
		if number == 1 {
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		bad.total++
		var err error
		encode := o.codec.EncodeJSON
		if c.exact {
			encode = o.codec.EncodeExact
		}
		if rec, err = encode(rec[:0], line); err == nil {
			err = sink.write(rec)
			var de *datasetError
			if err != nil && !errors.As(err, &de) {
				return err // the output
			}
		}
		if err != nil {
			if err = bad.add(datasetRecord{number: number, offset: -1}, err); err != nil {
				return err
			}
		}
		if ctx.Err() != nil {
			return dataError(ctx, ctx.Err())
		}
	}
	if err := s.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			return &exitError{code: exitFindings, err: fmt.Errorf("line %d is longer than the limit of %d bytes", number+1, maxLine)}
		}
		return dataError(ctx, err)
	}
	return sink.close()
}
