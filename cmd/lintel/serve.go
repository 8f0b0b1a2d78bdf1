// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/spf13/cobra"

	"lintel/gateway"
	"lintel/specs"
)

// serveFlags are the flags of serve. Empty addresses mean those of lintel.yaml.
type serveFlags struct {
	simulate      bool
	watch         bool
	listen, admin string
}

func newServe(p *program) *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve [DIR]",
		Short: "Serve a workspace",
		Long: `Serve checks a workspace and serves it. A workspace with errors is not served (exit code 1).

With --simulate every host is replaced by a simulated one on loopback. It speaks the same wire and
code page, through the same adapter and breaker, and answers from the workspace's tests. A message
that no test has gets the host's "not found" outcome, or else a reply made from the layout.

SIGHUP reads the workspace again; with --watch every change of a file does. A workspace with errors
is refused, and the one in place keeps serving. Calls under way end with what they began with.
Addresses, limits and times of the gateway section take effect at the next start only.`,
		Example: `  lintel serve --simulate examples/bank
  lintel serve --listen 127.0.0.1:9000 examples/bank`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			return p.serve(cmd.Context(), dir, f)
		},
	}
	cmd.Flags().BoolVar(&f.simulate, "simulate", false, "replace every host by a simulated one")
	cmd.Flags().BoolVar(&f.watch, "watch", false, "read the workspace again whenever a file of it changes")
	cmd.Flags().StringVar(&f.listen, "listen", "", "address of the API, host:port (default from lintel.yaml, else :8080)")
	cmd.Flags().StringVar(&f.admin, "admin", "", "address of the admin port, host:port, or off (default from lintel.yaml, else 127.0.0.1:9901)")
	return cmd
}

func (p *program) serve(ctx context.Context, dir string, f serveFlags) error {
	seen := look(dir) // before the files are read, so that no change between is missed
	compiled, err := p.ready(dir)
	if err != nil {
		return err
	}
	log := newLogging(p.stderr)
	defer log.close()
	sims := &simulation{ctx: ctx, p: p, log: log, on: f.simulate}
	defer sims.close()
	backends, err := sims.backends(compiled)
	if err != nil {
		return err
	}
	h, err := build(compiled, backends, log)
	if err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	defer func() { _ = h.Close() }()
	r := &reloader{p: p, dir: dir, seen: seen, house: h, sims: sims, log: log}
	stop := r.start(ctx, f.watch)
	defer stop()
	certs, err := certificates(compiled.ws.FS, &compiled.ws.Config.Gateway, log)
	if err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	defer watchCertificates(ctx, certs)()
	return p.listen(ctx, compiled, h, certs, f)
}

// logging is the log of a serving gateway: JSON lines through a writer that never waits for its sink.
type logging struct {
	*slog.Logger
	writer *gateway.LogWriter
}

func newLogging(sink io.Writer) logging {
	w := gateway.NewLogWriter(sink, 0)
	return logging{slog.New(slog.NewJSONHandler(w, nil)), w}
}

// close writes what is left, for a moment.
func (l logging) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = l.writer.Close(ctx)
}

// ready loads and compiles a workspace and prints its findings. It fails if there are errors.
func (p *program) ready(dir string) (*plan, error) {
	ws, findings, err := p.load(dir)
	if err != nil {
		return nil, err
	}
	var compiled *plan
	if ws != nil {
		var more specs.Findings
		compiled, more = compile(ws)
		findings = append(findings, more...)
	}
	if err := printFindings(p.stderr, ws, findings.Sort()); err != nil {
		return nil, err
	}
	if findings.HasErrors() || compiled == nil {
		return nil, &exitError{code: exitFindings, err: errors.New("the workspace has errors and is not served")}
	}
	return compiled, nil
}

// listen serves until ctx ends and drains.
func (p *program) listen(ctx context.Context, compiled *plan, h *house, certs *gateway.Certificates, f serveFlags) error {
	c, limits, scheme := compiled.ws.Config.Gateway, compiled.ws.Config.Gateway.Edge.Limits, "http"
	if certs != nil {
		scheme = "https"
	}
	s, err := gateway.NewServer(ctx, h.gateway, gateway.ServerOptions{
		Listen: cmp.Or(f.listen, c.Listen), Admin: cmp.Or(f.admin, c.Admin), Drain: c.Drain,
		Certificates: certs, HTTP1: certs != nil && !c.Edge.TLS.HTTP2, HeadLimit: int(limits.Head),
		HeadTime: limits.HeadTime, Idle: limits.Idle, Connections: limits.Connections,
	})
	if err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	_, _ = fmt.Fprintf(p.stderr, "serving %s (%s) on %s://%s\n", compiled.ws.Dir,
		count(len(compiled.operations), "operation"), scheme, reachable(s.Addr()))
	if a := s.AdminAddr(); a != nil {
		_, _ = fmt.Fprintf(p.stderr, "admin port on http://%s\n", reachable(a))
	}
	if err := s.Serve(ctx); err != nil {
		return &exitError{code: exitInternal, err: err}
	}
	_, _ = fmt.Fprintln(p.stderr, "stopped: no call was lost")
	return nil
}

// reachable writes an address as it can be called from this machine: one that listens everywhere is
// called by localhost.
func reachable(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}
