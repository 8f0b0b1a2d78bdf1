// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
)

// layoutCommand is the flags of lintel layout.
type layoutCommand struct {
	p      *program
	flags  *optionFlags
	record string
	with   string
	hex    bool
}

func newLayout(p *program) *cobra.Command {
	c := &layoutCommand{p: p}
	cmd := &cobra.Command{
		Use:   "layout FILE.cpy",
		Short: "Show the layout of the records of a copybook",
		Long: `Layout shows every item of a record: level, name, JSON name, offset and length in bytes, picture,
usage, occurrences, redefinitions and level-88 names. With --with it puts the bytes and the value
of every field of a record beside it; fields that are declared sensitive are masked.
Exit code 0: fine; 1: findings in the copybook or the options, or a record that does not fit;
2: wrong usage; 3: a file cannot be read.`,
		Example: `  lintel layout ACCTINQ.cpy
  lintel layout ACCTINQ.cpy --record INQ-REPLY --output svg > inq-reply.svg
  lintel layout ACCTINQ.cpy --record INQ-REPLY --with reply.bin --codepage cp1140`,
		Args: cobra.ExactArgs(1),
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if !slices.Contains([]string{"text", "json", "svg"}, p.output) {
				return fmt.Errorf("--output must be text, json or svg, not %q", p.output)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return ended(c.run(cmd, args[0])) },
	}
	cmd.Flags().StringVar(&c.record, "record", "", "`NAME` of the level 01 entry; without it all are shown")
	cmd.Flags().StringVar(&c.with, "with", "", "`DATA`: a file, or - for standard input, whose first record is shown beside the layout")
	cmd.Flags().BoolVar(&c.hex, "hex", false, "the data is text in hexadecimal digits")
	c.flags = addOptionFlags(cmd)
	return cmd
}

func (c *layoutCommand) run(cmd *cobra.Command, file string) error {
	if c.hex && c.with == "" {
		return usageError("--hex is for --with: name the data")
	}
	opened, err := c.p.openRecords(file, c.record, c.flags)
	if err != nil {
		return err
	}
	if c.with != "" && len(opened) > 1 {
		return usageError("%s has several records; say which by --record: %s", file, recordNames(opened[0].book))
	}
	drawn := make([]drawnLayout, len(opened))
	for i, o := range opened {
		drawn[i] = drawnLayout{opened: o}
	}
	var problem error
	if c.with != "" {
		if problem, err = c.data(cmd, &drawn[0]); err != nil {
			return err
		}
	}
	if err := c.print(drawn); err != nil {
		return err
	}
	if problem != nil {
		return &exitError{code: exitFindings, err: problem}
	}
	return nil
}

// drawnLayout is a record with, where asked for, the values of one.
type drawnLayout struct {
	opened *openedRecord
	traced []tracedField
}

// data reads the first record and takes it apart; problem is what is wrong with it.
func (c *layoutCommand) data(cmd *cobra.Command, d *drawnLayout) (problem, err error) {
	f, err := d.opened.framing(c.flags, framingWhole)
	if err != nil {
		return nil, err
	}
	in, done, err := openInput(cmd.Context(), cmd.InOrStdin(), c.with)
	if err != nil {
		return nil, err
	}
	defer done()
	if c.hex {
		in = newHexReader(in)
	}
	rec, err := d.opened.reader(in, f).next()
	switch {
	case errors.Is(err, io.EOF):
		return nil, &exitError{code: exitFindings, err: errors.New("there is no record in the data")}
	case err != nil:
		return nil, dataError(cmd.Context(), err)
	}
	t, err := newTracer(d.opened)
	if err != nil {
		return nil, err
	}
	d.traced, problem = t.trace(rec.data)
	for i := range d.traced {
		if problem == nil && d.traced[i].problem != "" {
			problem = fmt.Errorf("field %s: %s", d.traced[i].name, d.traced[i].problem)
		}
	}
	return problem, nil
}

func (c *layoutCommand) print(drawn []drawnLayout) error {
	switch c.p.output {
	case "json":
		return printLayoutJSON(c.p.stdout, drawn)
	case "svg":
		if len(drawn) > 1 {
			return usageError("a picture shows one record; say which by --record: %s", recordNames(drawn[0].opened.book))
		}
		return printLayoutSVG(c.p.stdout, &drawn[0])
	}
	for i := range drawn {
		if i > 0 {
			if _, err := fmt.Fprintln(c.p.stdout); err != nil {
				return err
			}
		}
		if err := printLayoutText(c.p.stdout, &drawn[i]); err != nil {
			return err
		}
	}
	return nil
}
