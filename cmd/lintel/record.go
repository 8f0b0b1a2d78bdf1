// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

// recordCommand is lintel record.
type recordCommand struct {
	p       *program
	to, key string
	most    int64
	flags   serveFlags
}

func newRecord(p *program) *cobra.Command {
	c := &recordCommand{p: p}
	megabytes := int64(64)
	cmd := &cobra.Command{
		Use:   "record [DIR]",
		Short: "Serve a workspace and keep its exchanges with hosts in a sealed file",
		Long: `Record serves a workspace as serve does, and keeps every exchange with a host: the messages, how long the
reply took, what the app sent and what it got. Fields that records.yaml declares sensitive are masked
before anything is written, on the host's side and on the app's. Who calls is not kept.

The file is new, readable by this user only, and encrypted and authenticated with a key that is named
by --key: file:PATH or env:NAME, at least 32 characters. Calls never wait for the recording; what it
leaves out is counted and told at the end. At --max-size it ends, and the gateway goes on.

lintel replay plays a recording, or compares a workspace or a host with it.`,
		Example: `  openssl rand -hex 32 > tape.key && chmod 600 tape.key
  lintel record --to monday.tape --key file:tape.key examples/bank
  lintel replay monday.tape --key file:tape.key --compare workspace examples/bank`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			if megabytes < 1 || megabytes > 1<<20 {
				return usageError("--max-size must be from 1 to %d MiB, not %d", 1<<20, megabytes)
			}
			c.most = megabytes << 20
			return c.run(cmd.Context(), dir)
		},
	}
	cmd.Flags().StringVar(&c.to, "to", "", "file of the recording; it must not be there yet")
	cmd.Flags().StringVar(&c.key, "key", "", "where the key is: file:PATH or env:NAME")
	cmd.Flags().Int64Var(&megabytes, "max-size", megabytes, "largest size of the recording, in MiB")
	cmd.Flags().BoolVar(&c.flags.simulate, "simulate", false, "replace every host by a simulated one")
	cmd.Flags().BoolVar(&c.flags.watch, "watch", false, "read the workspace again whenever a file of it changes")
	cmd.Flags().StringVar(&c.flags.listen, "listen", "", "address of the API, host:port (default from lintel.yaml, else :8080)")
	cmd.Flags().StringVar(&c.flags.admin, "admin", "", "address of the admin port, host:port, or off (default from lintel.yaml, else 127.0.0.1:9901)")
	c.flags.simulation.add(cmd)
	return cmd
}

func (c *recordCommand) run(ctx context.Context, dir string) (err error) {
	if c.to == "" || c.key == "" {
		return usageError("record needs --to FILE and --key file:PATH or env:NAME")
	}
	key, err := tapeKey(c.key, c.p.env)
	if err != nil {
		return err
	}
	log := newLogging(c.p.stderr)
	defer log.close()
	tape, err := createTape(c.to, key)
	if errors.Is(err, os.ErrExist) {
		return &exitError{code: exitLoad, err: fmt.Errorf("%s is there already; a recording is a new file", c.to)}
	}
	if err != nil {
		return &exitError{code: exitLoad, err: fmt.Errorf("the recording cannot be begun: %w", err)}
	}
	r := newRecorder(tape, c.most, log)
	defer func() {
		if cerr := r.Close(); cerr != nil && err == nil {
			err = &exitError{code: exitInternal, err: fmt.Errorf("the recording was not ended: %w", cerr)}
		}
		if r.counts.kept == 0 && err != nil {
			_ = os.Remove(c.to) // nothing was served
			return
		}
		c.tell(r)
	}()
	c.flags.tape = r
	return c.p.serve(ctx, dir, c.flags)
}

// tell says what was kept.
func (c *recordCommand) tell(r *recorder) {
	n := r.counts
	_, _ = fmt.Fprintf(c.p.stderr, "recorded %s in %s, %d of them masked (%d bytes)\n", count(n.kept, "exchange"), c.to, n.masked, r.tape.size())
	for _, x := range []struct {
		n   int
		why string
	}{
		{n.unmaskable, "could not be masked"}, {n.missed, "came faster than they could be written"}, {n.beyond, "came after the file was full"},
	} {
		if x.n > 0 {
			_, _ = fmt.Fprintf(c.p.stderr, "not recorded: %s %s\n", count(x.n, "exchange"), x.why)
		}
	}
}
