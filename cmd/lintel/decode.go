// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// decodeCommand is the flags of lintel decode.
type decodeCommand struct {
	p      *program
	flags  *optionFlags
	record string
	hex    bool
	trace  bool
	keep   bool
	unsafe bool
	// tolerant makes bad fields null, exact keeps the bytes of records.
	tolerant, exact bool
}

func newDecode(p *program) *cobra.Command {
	c := &decodeCommand{p: p}
	cmd := &cobra.Command{
		Use:   "decode FILE.cpy [DATA]",
		Short: "Decode records of a dataset to JSON lines",
		Long: `Decode reads a dataset from DATA or standard input and writes every record as one line of JSON.
An error names the record, the byte in the dataset, field, picture and reason, and never the
contents, unless --unsafe-values is given; fields that are declared sensitive stay masked even then.
Exit code 0: fine; 1: bad records, or findings in the copybook or the options; 2: wrong usage;
3: a file cannot be read; 130: interrupted.`,
		Example: `  lintel decode ACCOUNT.cpy accounts.bin --codepage cp1140
  lintel decode ACCOUNT.cpy --framing rdw --keep-going < accounts.vb > accounts.jsonl
  echo 'f0f0f4f2c1' | lintel decode ACCOUNT.cpy --hex --trace`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error { return ended(c.run(cmd, args)) },
	}
	cmd.Flags().StringVar(&c.record, "record", "", "`NAME` of the level 01 entry, where the copybook has several")
	cmd.Flags().BoolVar(&c.hex, "hex", false, "the dataset is text in hexadecimal digits; white space may stand between them")
	cmd.Flags().BoolVar(&c.trace, "trace", false, "print one line for each field instead: pointer, offset, hex, characters, and value or what is wrong")
	cmd.Flags().BoolVar(&c.keep, "keep-going", false, "pass over bad records and list them at the end")
	cmd.Flags().BoolVar(&c.tolerant, "tolerant", false, "make bad fields null, go on, and list them at the end")
	cmd.Flags().BoolVar(&c.exact, "exact", false, "keep the bytes of every record in a member $bytes, from which encode --exact gives them back; bad fields become null")
	cmd.Flags().BoolVar(&c.unsafe, "unsafe-values", false, "show the bytes of a bad field in its error")
	c.flags = addOptionFlags(cmd)
	return cmd
}

func (c *decodeCommand) run(cmd *cobra.Command, args []string) error {
	if c.exact && (c.tolerant || c.trace) {
		return usageError("--exact keeps everything and finds nothing bad: leave out --tolerant and --trace")
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
	if c.hex {
		in = newHexReader(in)
	}
	out := bufio.NewWriterSize(c.p.stdout, datasetBuffer)
	bad := newBadRecords(c.p, o, c.keep || c.tolerant, c.unsafe)
	size := inputSize(second(args))
	if c.hex {
		size = 0 // digits are not bytes
	}
	shown := c.p.newProgress("records", size)
	err = c.records(cmd.Context(), o, o.reader(in, f), out, bad, shown)
	shown.clear()
	if ferr := out.Flush(); err == nil {
		err = ferr
	}
	return bad.finish(err)
}

// records decodes to the end of the dataset.
func (c *decodeCommand) records(ctx context.Context, o *openedRecord, in *datasetReader, out *bufio.Writer, bad *badRecords, shown *progress) error {
	var line []byte
	var t *tracer
	if c.trace {
		var err error
		if t, err = newTracer(o); err != nil {
			return err
		}
	}
	for {
		rec, err := in.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return dataError(ctx, err)
		}
		if ctx.Err() != nil {
			return dataError(ctx, ctx.Err())
		}
		bad.total++
		shown.step(rec.offset + int64(len(rec.data)))
		good := false
		if line, good, err = c.decode(o, line[:0], rec, bad); err != nil && !c.trace {
			return err
		}
		if c.trace {
			err = cmp.Or(c.printTrace(out, t, rec), err)
		} else if good {
			line = append(line, '\n')
			_, err = out.Write(line)
		}
		if err != nil {
			return err
		}
	}
}

// decode appends the JSON of a record; good tells that there is some. The error ends the command.
func (c *decodeCommand) decode(o *openedRecord, dst []byte, rec datasetRecord, bad *badRecords) (line []byte, good bool, err error) {
	if c.exact {
		return o.codec.DecodeExact(dst, rec.data), true, nil
	}
	if !c.tolerant {
		if line, err = o.codec.DecodeJSON(dst, rec.data); err != nil {
			return dst, false, bad.add(rec, err)
		}
		return line, true, nil
	}
	line, fields, more, err := o.codec.DecodeTolerant(dst, rec.data)
	faults := make([]error, 0, len(fields)+1)
	for _, f := range fields {
		faults = append(faults, f.FieldError)
	}
	if err != nil {
		faults = append(faults, err)
	}
	if len(faults) == 0 {
		return line, true, nil
	}
	bad.more += int64(more)
	return line, err == nil, bad.add(rec, faults...)
}

func (c *decodeCommand) printTrace(out io.Writer, t *tracer, rec datasetRecord) error {
	if c.p.output == "json" {
		return printTraceJSON(out, t, rec)
	}
	return printTrace(out, t, rec)
}

func second(args []string) string {
	if len(args) > 1 {
		return args[1]
	}
	return ""
}

// framing completes the framing of a record: a fixed dataset needs a length. Where records differ in
// length and nothing is said, variable is the framing; empty means that it must be said.
func (o *openedRecord) framing(flags *optionFlags, variable string) (framing, error) {
	f := o.settings.data
	least, greatest := o.codec.Size()
	if f.kind == "" {
		f.kind = framingFixed
		if least != greatest && f.recordLength == 0 {
			if variable == "" {
				return f, usageError("record %s has %s: say by --framing how its records are told apart, or give --record-length", o.item.Name, o.lengthWords())
			}
			f.kind = variable
		}
	}
	if f.kind == framingFixed && f.recordLength == 0 {
		if least != greatest {
			return f, usageError("record %s has %s: --framing fixed needs --record-length", o.item.Name, o.lengthWords())
		}
		f.recordLength = greatest
	}
	if f.kind == framingFixed && f.recordLength > o.limit() {
		return f, usageError("--record-length %d is more than the limit of --max-record, %d", f.recordLength, o.limit())
	}
	if f.kind == framingFixed && f.recordLength+f.margins() == 0 {
		return f, usageError("record %s has no bytes: a dataset of such records has no end", o.item.Name)
	}
	if err := flags.checkFraming(f.kind); err != nil {
		return f, &exitError{code: exitUsage, err: err}
	}
	return f, nil
}

// limit is the longest record that is read.
func (o *openedRecord) limit() int {
	if n := o.settings.record.Limits.Record; n > 0 {
		return n
	}
	return 16 << 20
}

func (o *openedRecord) reader(in io.Reader, f framing) *datasetReader {
	blank := o.settings.page.Space()
	if f.hasFill {
		blank = f.fill
	}
	return newDatasetReader(in, f, o.limit(), blank)
}

// lengthWords says how long the record is.
func (o *openedRecord) lengthWords() string {
	least, greatest := o.codec.Size()
	if least == greatest {
		return count(greatest, "byte")
	}
	return fmt.Sprintf("%d to %s", least, count(greatest, "byte"))
}
