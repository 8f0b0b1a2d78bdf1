// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"lintel/specs"
)

// simulateCommand is lintel simulate.
type simulateCommand struct {
	p      *program
	flags  simulationFlags
	listen []string
	watch  bool
}

func newSimulate(p *program) *cobra.Command {
	c := &simulateCommand{p: p}
	cmd := &cobra.Command{
		Use:   "simulate [DIR]",
		Short: "Play the hosts of a workspace",
		Long: `Simulate plays every host that lintel.yaml names, for a gateway in another process or for any other
program that speaks to them. A host listens where its backend looks for it, on the port of its first
address, but on loopback only; --listen moves it. It speaks the backend's wire and code page, without
TLS. In place of a broker stands one in memory, with a host that reads the queue.

It answers by the rules of simulate.yaml, then from tests/, and then with the operation's "not found"
or with data made from the layout. Latency and faults come from simulate.yaml or from flags.

Ctrl-C stops it.`,
		Example: `  lintel simulate examples/bank
  lintel simulate --latency 5ms..80ms --fault timeout=5% --seed 7 examples/bank
  lintel simulate --listen core=127.0.0.1:9400 --generate examples/bank`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			return c.run(cmd.Context(), dir)
		},
	}
	c.flags.add(cmd)
	cmd.Flags().StringArrayVar(&c.listen, "listen", nil, "BACKEND=HOST:PORT for the host of a backend; port 0 lets the system pick")
	cmd.Flags().BoolVar(&c.watch, "watch", false, "read the workspace again whenever a file of it changes")
	return cmd
}

func (c *simulateCommand) run(ctx context.Context, dir string) error {
	p := c.p
	seen := look(dir)
	compiled, _, err := p.ready(dir)
	if err != nil {
		return err
	}
	return c.serve(ctx, compiled, func(sims *simulation) func() {
		if !c.watch {
			return func() {}
		}
		r := &reloader{p: p, dir: dir, seen: seen, sims: sims, log: sims.log}
		return r.start(ctx, nil, true)
	}, nil)
}

// serve plays the hosts until ctx ends. watch, if set, begins to watch the workspace and gives what ends that; with, if
// set, changes what a host answers from.
func (c *simulateCommand) serve(ctx context.Context, compiled *plan, watch func(*simulation) func(), with func(*answers)) error {
	p := c.p
	moved, err := c.moved(compiled.ws.Config.Backends)
	if err != nil {
		return err
	}
	log := newLogging(p.stderr)
	log.setLevel(compiled.ws.Config.Operations.Log.Level)
	defer log.close()
	sims := &simulation{ctx: ctx, p: p, log: log, on: true, flags: c.flags, with: with, address: func(b *specs.Backend) string {
		if a := moved[b.Name]; a != "" && b.MQ == nil {
			return a
		}
		return simulatedAddress(b)
	}}
	defer sims.close()
	for _, b := range compiled.ws.Config.Backends {
		if b.MQ != nil {
			_, _ = fmt.Fprintf(p.stderr, "no host for %s: a queue of IBM MQ is simulated for a gateway in the same process only (serve --simulate, dev)\n", b.Name)
		}
	}
	if _, err := sims.backends(compiled); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(p.stderr, "simulating %s (%s); Ctrl-C stops\n", compiled.ws.Dir, count(len(sims.hosts), "host"))
	if watch != nil {
		defer watch(sims)()
	}
	<-ctx.Done()
	_, _ = fmt.Fprintln(p.stderr, "stopped")
	return nil
}

// moved reads --listen.
func (c *simulateCommand) moved(backends []*specs.Backend) (map[string]string, error) {
	out := map[string]string{}
	for _, text := range c.listen {
		name, address, ok := strings.Cut(text, "=")
		if _, _, err := net.SplitHostPort(address); !ok || err != nil {
			return nil, usageError("--listen must be BACKEND=HOST:PORT, not %s", text)
		}
		if !slices.ContainsFunc(backends, func(b *specs.Backend) bool { return b.Name == name }) {
			return nil, usageError("--listen %s: lintel.yaml has no backend %s", text, name)
		}
		out[name] = address
	}
	return out, nil
}

// simulatedAddress is where the host of a backend listens: the port of its first address, on loopback.
func simulatedAddress(b *specs.Backend) string {
	address := ""
	switch {
	case b.MQ != nil:
		return ""
	case b.TCP != nil:
		address = b.TCP.Addresses[0].Value
	case b.HTTP != nil:
		u, err := url.Parse(b.HTTP.URL())
		if err != nil {
			return anyPort
		}
		address = u.Host
		if u.Port() == "" {
			address = net.JoinHostPort(u.Hostname(), map[string]string{"https": "443", "http": "80"}[u.Scheme])
		}
	case b.AMQP != nil:
		address = b.AMQP.Address.Value
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return anyPort
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
