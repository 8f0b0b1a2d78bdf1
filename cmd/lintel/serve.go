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
	"strings"
	"sync"
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
	simulation    simulationFlags
	// tape, if set, keeps the exchanges with hosts.
	tape *recorder
	// talk is set by lintel dev: it prints in place of the log.
	talk *devTalk
}

// settings are the flags that stand in for values of lintel.yaml.
func (f serveFlags) settings() []specs.Setting {
	var out []specs.Setting
	for path, s := range map[string]specs.Setting{
		"gateway.listen": {Value: f.listen, Origin: "flag --listen"}, "gateway.admin": {Value: f.admin, Origin: "flag --admin"},
	} {
		if s.Path = path; s.Value != "" {
			out = append(out, s)
		}
	}
	return out
}

func newServe(p *program) *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve [DIR]",
		Short: "Serve a workspace",
		Long: `Serve checks a workspace and serves it. A workspace with errors is not served (exit code 1).

With --simulate every host is replaced by a simulated one on loopback. It speaks the same wire and
code page, through the same adapter and breaker, and answers by the rules of simulate.yaml and from
the workspace's tests. A message that no test has gets the host's "not found" outcome, or else a
reply made from the layout. Nothing of a simulation stays on disk.

SIGHUP reads the workspace again; with --watch every change of a file does. A workspace with errors
is refused, and the one in place keeps serving. Calls under way end with what they began with.
The sections gateway and operations take effect at the next start or handover.

SIGUSR2 hands over to a new process of the same command, which may be a newer program by then: it
takes over the ports, and this one ends when its calls are answered. If the new one does not come
to serve, this one keeps serving. SIGTERM stops: calls in flight end first; a second one does not
wait for them.`,
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
	f.simulation.add(cmd)
	cmd.Flags().BoolVar(&f.watch, "watch", false, "read the workspace again whenever a file of it changes")
	cmd.Flags().StringVar(&f.listen, "listen", "", "address of the API, host:port (default from lintel.yaml, else :8080)")
	cmd.Flags().StringVar(&f.admin, "admin", "", "address of the admin port, host:port, or off (default from lintel.yaml, else 127.0.0.1:9901)")
	return cmd
}

func (p *program) serve(ctx context.Context, dir string, f serveFlags) error {
	// From the beginning: the process would die of a signal that nobody takes.
	handovers, stop := handoverSignals()
	defer stop()
	hangups, stop := hangupSignals()
	defer stop()
	seen := look(dir) // before the files are read, so that no change between is missed
	compiled, _, err := p.ready(dir)
	if err != nil {
		return err
	}
	log := p.logging(f)
	log.setLevel(compiled.ws.Config.Operations.Log.Level)
	defer log.close()
	sims := &simulation{ctx: ctx, p: p, log: log, on: f.simulate, flags: f.simulation}
	if f.talk != nil {
		sims.told = func(line string) { f.talk.say("simulated %s", strings.TrimPrefix(line, "simulated ")) }
	}
	defer sims.close()
	backends, err := sims.backends(compiled)
	if err != nil {
		return err
	}
	place := sims.journal()
	place.point, place.tape = p.point, f.tape
	r := &reloader{p: p, dir: dir, seen: seen, sims: sims, log: log, talk: f.talk}
	h, err := build(compiled, backends, log, r, place, f.settings()...)
	if err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	r.house = h
	defer func() { _ = h.Close() }()
	stop = r.start(ctx, hangups, f.watch)
	defer stop()
	certs, err := certificates(compiled.ws.FS, &compiled.ws.Config.Gateway, log)
	if err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	defer watchCertificates(ctx, certs)()
	return p.listen(ctx, compiled, h, certs, newHandover(log, handovers), f)
}

// logging is the log of a serving gateway: JSON lines through a writer that never waits for its sink.
type logging struct {
	*slog.Logger
	writer *gateway.LogWriter
	level  *slog.LevelVar
}

// logging is the log of a command that serves.
func (p *program) logging(f serveFlags) logging {
	if f.talk != nil {
		f.talk.live = f.talk.now()
		return f.talk.logging()
	}
	return newLogging(p.stderr)
}

func newLogging(sink io.Writer) logging {
	w := gateway.NewLogWriter(sink, 0)
	level := new(slog.LevelVar)
	return logging{slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})), w, level}
}

// setLevel takes a word of lintel.yaml.
func (l logging) setLevel(word string) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(word)); err == nil { // the binder takes no other words
		l.level.Set(level)
	}
}

// close writes what is left, for a moment.
func (l logging) close() {
	if l.writer == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = l.writer.Close(ctx)
}

// ready loads and compiles a workspace and prints its findings. It fails if there are errors.
func (p *program) ready(dir string) (*plan, specs.Findings, error) {
	sum := digest(dir) // before the files are read: what changes meanwhile is another workspace
	ws, findings, err := p.load(dir)
	if err != nil {
		return nil, nil, err
	}
	var compiled *plan
	if ws != nil {
		var more specs.Findings
		compiled, more = compile(ws)
		findings = append(findings, more...)
	}
	findings = findings.Sort()
	if err := printFindings(p.stderr, ws, findings); err != nil {
		return nil, findings, err
	}
	if findings.HasErrors() || compiled == nil {
		return nil, findings, &exitError{code: exitFindings, err: errors.New("the workspace has errors and is not served")}
	}
	compiled.digest, compiled.findings = sum, findings
	return compiled, findings, nil
}

// listen serves until ctx ends or a successor serves, and drains.
func (p *program) listen(ctx context.Context, compiled *plan, h *house, certs *gateway.Certificates, successors *handover, f serveFlags) error {
	c, limits := compiled.ws.Config.Gateway, compiled.ws.Config.Gateway.Edge.Limits
	listen, admin := cmp.Or(f.listen, c.Listen), cmp.Or(f.admin, c.Admin)
	in, err := p.inherit()
	if err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	o := gateway.ServerOptions{
		Listen: listen, Admin: admin, Drain: c.Drain, Hurry: p.hurry, Ready: in.tell,
		ListenOn: in.take(listen, "api"), AdminOn: in.take(admin, "admin"), Shared: in.shared,
		Certificates: certs, HTTP1: certs != nil && !c.Edge.TLS.HTTP2, HeadLimit: int(limits.Head),
		HeadTime: limits.HeadTime, Idle: limits.Idle, Connections: limits.Connections,
	}
	in.rest()
	s, err := gateway.NewServer(ctx, h.gateway, o)
	if err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	if f.talk != nil {
		f.talk.announce(ctx, compiled, s)
	} else {
		p.announce(compiled, s)
	}
	data, adminOn := s.Listeners()
	successors.add("api", listen, data)
	successors.add("admin", admin, adminOn)
	ctx, done := context.WithCancelCause(ctx)
	defer done(nil)
	var waiting sync.WaitGroup
	waiting.Go(func() { successors.run(ctx, done) })
	err = s.Serve(ctx)
	done(nil)
	waiting.Wait()
	if err != nil {
		return &exitError{code: exitInternal, err: err}
	}
	_, _ = fmt.Fprintln(p.stderr, "stopped: no call was lost")
	return nil
}

func (p *program) announce(compiled *plan, s *gateway.Server) {
	scheme := "http"
	if compiled.ws.Config.Gateway.Edge.TLS != nil {
		scheme = "https"
	}
	_, _ = fmt.Fprintf(p.stderr, "serving %s (%s) on %s://%s\n", compiled.ws.Dir,
		count(len(compiled.operations), "operation"), scheme, reachable(s.Addr()))
	switch a := s.AdminAddr(); {
	case a == nil:
	case a.Network() == "unix":
		_, _ = fmt.Fprintf(p.stderr, "admin port on unix:%s\n", a)
	default:
		_, _ = fmt.Fprintf(p.stderr, "admin port on http://%s\n", reachable(a))
	}
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
