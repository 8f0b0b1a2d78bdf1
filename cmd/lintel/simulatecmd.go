// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/spf13/cobra"

	"lintel/specs"
)

// simulateCommand is lintel simulate.
type simulateCommand struct {
	p      *program
	flags  simulationFlags
	listen []string
	// ca is a file for the root of certificates made for the run; empty for none.
	ca    string
	watch bool
}

func newSimulate(p *program) *cobra.Command {
	c := &simulateCommand{p: p}
	cmd := &cobra.Command{
		Use:   "simulate [DIR]",
		Short: "Play the hosts of a workspace",
		Long: `Simulate plays every host that lintel.yaml names, for a gateway in another process or for any other
program that speaks to them. A host listens where its backend looks for it, on the port of its first
address, but on loopback only; --listen moves it. It speaks the backend's wire and code page, and TLS where
the backend does: with a certificate that simulate.yaml names, or one made for the run, for which --ca
writes the file that verifies it. In place of a broker stands one in memory, with a host that reads the queue.

It answers by the rules of simulate.yaml, then from tests/, and then with the operation's "not found"
or with data made from the layout. Latency and faults come from simulate.yaml or from flags.

Ctrl-C stops it.`,
		Example: `  lintel simulate examples/bank
  lintel simulate --latency 5ms..80ms --fault timeout=5% --seed 7 examples/bank
  lintel simulate --listen core=127.0.0.1:9400 --generate examples/bank
  CLAIMS_URL=https://127.0.0.1:9302/claims lintel simulate --ca hosts.pem examples/claims`,
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
	c.addListen(cmd)
	cmd.Flags().BoolVar(&c.watch, "watch", false, "read the workspace again whenever a file of it changes")
	return cmd
}

// addListen adds the flags that say where the hosts listen, and how.
func (c *simulateCommand) addListen(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&c.listen, "listen", nil, "NAME=HOST:PORT for the host of a backend or the broker of a listener; port 0 lets the system pick")
	cmd.Flags().StringVar(&c.ca, "ca", "", "write what verifies the TLS certificates made for this run to this PEM file")
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
	moved, err := c.moved(compiled.ws.Config)
	if err != nil {
		return err
	}
	log := newLogging(p.stderr)
	log.setLevel(compiled.ws.Config.Operations.Log.Level)
	defer log.close()
	sims := &simulation{ctx: ctx, p: p, log: log, on: true, flags: c.flags, with: with, address: func(name, original string) string {
		if a := moved[name]; a != "" || original == "" {
			return a
		}
		return simulatedAddress(original)
	}}
	defer sims.close()
	left := 0
	for _, b := range compiled.ws.Config.Backends {
		if b.MQ != nil {
			left++
			sims.tell(fmt.Sprintf("no host for %s: a queue of IBM MQ is simulated only for a gateway in the same process: lintel dev, or lintel serve --simulate", b.Name))
		}
	}
	if left == len(compiled.ws.Config.Backends) {
		return &exitError{code: exitLoad, err: errors.New("there is no host to play")}
	}
	if _, err := sims.backends(compiled); err != nil {
		return err
	}
	if err := sims.tellRoot(c.ca); err != nil {
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

// moved reads --listen: addresses by the name of a backend or a listener.
func (c *simulateCommand) moved(config *specs.Config) (map[string]string, error) {
	mq := map[string]bool{}
	for _, b := range config.Backends {
		mq[b.Name] = b.MQ != nil
	}
	for _, l := range config.Listeners {
		mq[l.Name] = l.MQ != nil && mq[l.Name]
	}
	out := map[string]string{}
	for _, text := range c.listen {
		name, address, ok := strings.Cut(text, "=")
		if _, _, err := net.SplitHostPort(address); !ok || err != nil {
			return nil, usageError("--listen must be NAME=HOST:PORT, not %s", text)
		}
		switch queue, known := mq[name]; {
		case !known:
			return nil, usageError("--listen %s: lintel.yaml has no backend or listener %s", text, name)
		case queue:
			return nil, usageError("--listen %s: a queue of IBM MQ has no port here; it is simulated by lintel dev and lintel serve --simulate", text)
		}
		out[name] = address
	}
	return out, nil
}

// simulatedAddress is where the host of a backend listens: on the port of its own address, on loopback.
func simulatedAddress(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return anyPort
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// hostAddress is the first address of a backend's host; empty for a queue of IBM MQ.
func hostAddress(b *specs.Backend) string {
	if all := addressesOf(b); len(all) > 0 {
		return all[0]
	}
	return ""
}
