// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"lintel/adapters"
	"lintel/adapters/amqp"
	"lintel/specs"
)

// step is one step on the way to a host.
type step struct {
	Step   string  `json:"step"`
	OK     bool    `json:"ok"`
	MS     float64 `json:"ms"`
	Detail string  `json:"detail,omitempty"`
	Hint   string  `json:"hint,omitempty"`
}

// examined is one address of one host.
type examined struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Address string `json:"address"`
	OK      bool   `json:"ok"`
	Steps   []step `json:"steps"`

	began time.Time
}

func newDoctor(p *program) *cobra.Command {
	var only []string
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "doctor [DIR]",
		Short: "Check the way to every host, step by step",
		Long: `Doctor goes the way to each host of a workspace, step by step, and tells each with its time: the name, the
connection, TLS, the login, the queue, a round trip, the backout queue of a listener, and the ping of a backend
that has one. No other message is sent to a host's program. The exit code is 4 if a host was not reached to the
end.`,
		Example: "  lintel doctor examples/orders\n  lintel doctor --backend core --output json examples/bank",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			return p.doctor(cmd.Context(), dir, only, timeout)
		},
	}
	cmd.Flags().StringArrayVar(&only, "backend", nil, "check only this backend or listener (may be repeated)")
	cmd.Flags().DurationVar(&timeout, "timeout", 10*time.Second, "time for each host")
	return cmd
}

func (p *program) doctor(ctx context.Context, dir string, only []string, timeout time.Duration) error {
	ws, findings, err := p.load(dir)
	if err != nil {
		return err
	}
	if findings.HasErrors() || ws == nil {
		if err := printFindings(p.stderr, ws, findings); err != nil {
			return err
		}
		return &exitError{code: exitFindings, err: errors.New("the workspace has errors")}
	}
	compiled, _ := compile(ws) // for the pings; what else is found matters to nobody here
	var hosts []*examined
	for _, b := range ws.Config.Backends {
		if len(only) > 0 && !slices.Contains(only, b.Name) {
			continue
		}
		hosts = append(hosts, examineBackend(ctx, compiled, b, timeout)...)
	}
	for _, l := range ws.Config.Listeners {
		if len(only) == 0 || slices.Contains(only, l.Name) {
			hosts = append(hosts, examineListener(ctx, ws, l, timeout)...)
		}
	}
	if len(hosts) == 0 {
		return usageError("there is no backend or listener %s in lintel.yaml", strings.Join(only, ", "))
	}
	if err := p.printExamined(hosts); err != nil {
		return err
	}
	if slices.ContainsFunc(hosts, func(h *examined) bool { return !h.OK }) {
		return &exitError{code: exitUnreachable, err: errors.New("a host was not reached"), silent: true}
	}
	return nil
}

// examineBackend checks every address of a backend.
func examineBackend(ctx context.Context, p *plan, b *specs.Backend, timeout time.Duration) []*examined {
	var out []*examined
	ws := p.ws
	if b.MQ != nil {
		h := examineMQ(ctx, b, false, timeout)
		h.ping(ctx, p, b)
		return []*examined{h}
	}
	for i, address := range addressesOf(b) {
		one := alone(b, i)
		ctx, cancel := context.WithTimeout(ctx, timeout)
		h := &examined{Name: b.Name, Kind: b.Wire, Address: address, began: time.Now()}
		valid := h.certificates(ws, b)
		if t, ok := h.reach(ctx, ws, tlsOf(b)); ok {
			h.wire(ctx, ws, one, address, t)
		}
		h.ping(ctx, p, one)
		h.OK = h.OK && valid
		cancel()
		out = append(out, h)
	}
	return out
}

// alone is a backend with one of its addresses.
func alone(b *specs.Backend, i int) *specs.Backend {
	out := *b
	switch {
	case b.TCP != nil:
		c := *b.TCP
		c.Addresses = c.Addresses[i : i+1]
		out.TCP = &c
	case b.HTTP != nil:
		c := *b.HTTP
		c.URLs = c.URLs[i : i+1]
		out.HTTP = &c
	case b.AMQP != nil:
		c := *b.AMQP
		c.Addresses = c.Addresses[i : i+1]
		out.AMQP = &c
	}
	return &out
}

// addressesOf lists the addresses of a backend's host.
func addressesOf(b *specs.Backend) []string {
	switch {
	case b.TCP != nil:
		return textsOf(b.TCP.Addresses)
	case b.AMQP != nil:
		return textsOf(b.AMQP.Addresses)
	case b.HTTP != nil:
		var out []string
		for _, a := range b.HTTP.URLs {
			u, err := url.Parse(a.Value)
			if err != nil {
				return nil
			}
			port := u.Port()
			if port == "" {
				port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
			}
			out = append(out, net.JoinHostPort(u.Hostname(), port))
		}
		return out
	}
	return nil
}

func textsOf(list []specs.Text) []string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = t.Value
	}
	return out
}

// examineListener checks every address of a listener's broker.
func examineListener(ctx context.Context, ws *specs.Workspace, l *specs.ListenerConfig, timeout time.Duration) []*examined {
	if l.MQ != nil {
		h := examineMQ(ctx, l.Backend(), true, timeout)
		h.Kind = "listener"
		return []*examined{h}
	}
	var out []*examined
	for _, address := range textsOf(l.AMQP.Addresses) {
		out = append(out, examineQueue(ctx, ws, l, address, timeout))
	}
	return out
}

func examineQueue(ctx context.Context, ws *specs.Workspace, l *specs.ListenerConfig, address string, timeout time.Duration) *examined {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	h := &examined{Name: l.Name, Kind: "listener", Address: address, began: time.Now()}
	t, ok := h.reach(ctx, ws, l.AMQP.TLS)
	if !ok {
		return h
	}
	h.OK = amqp.DiagnoseSource(ctx, amqpOptions(l.AMQP, address, l.Workers, t), l.Backout.Value, h.told) == nil
	return h
}

// examineMQ checks the way to a queue of IBM MQ. The client library connects: names, TLS and login are one call.
func examineMQ(ctx context.Context, b *specs.Backend, listens bool, timeout time.Duration) *examined {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	h := &examined{Name: b.Name, Kind: b.Wire, Address: cmp.Or(b.MQ.Connection.Value, b.MQ.CCDT.Value, b.MQ.QueueManager.Value, "default queue manager"), began: time.Now()}
	h.OK = diagnoseMQ(ctx, b, listens, h.told) == nil
	return h
}

// told notes a step and starts the time of the next.
func (h *examined) told(name string, err error) {
	s := step{Step: name, OK: err == nil, MS: float64(time.Since(h.began).Microseconds()) / 1000}
	var unsure *amqp.Unsure
	switch {
	case errors.As(err, &unsure):
		s.OK, s.Detail = true, unsure.Error()
	case err != nil:
		s.Detail, s.Hint = plainError(err), hintFor(name)
	}
	h.Steps = append(h.Steps, s)
	h.began = time.Now()
}

// plainError is an error without what only the gateway needs.
func plainError(err error) string {
	var e *adapters.Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	if e.Cause != nil {
		return e.Detail + ": " + e.Cause.Error()
	}
	return e.Detail
}

// hintFor says what to look at when a step fails.
func hintFor(name string) string {
	switch name {
	case "resolve":
		return "is the name right, and does this machine's DNS know it?"
	case "connect":
		return "does the host listen on this port, and does a firewall let this machine through?"
	case "tls":
		return "does the host speak TLS on this port; are ca, serverName and the client certificate right?"
	case "login":
		return "are mechanism, user and password right, and may the user connect?"
	case "client":
		return "is this the binary for IBM MQ?"
	case "queue manager":
		return "does the queue manager run, is its listener started, and are channel, connection and name right?"
	case "authority":
		return "are user and password right, and what do CHLAUTH and CONNAUTH say of them? The queue manager's error log tells"
	case "queue":
		return "does the queue exist under this address, and may the user put to it, or read it for a listener?"
	case "backout":
		return "poison goes there: does the queue exist under this address, and may the user put to it?"
	case "reply address":
		return "does the broker make reply addresses? If not, set replyTo to a queue that only Lintel reads"
	case "certificates":
		return "which certificate has expired? Put a new one in its place, and reload"
	case "ping":
		return "does the program run that the ping asks? pings/ says which of its replies mean that it does not work"
	case "round trip":
		return "may the user put to the reply address, and does nobody else read it?"
	default:
		return "does the host speak this wire?"
	}
}

// reach resolves, connects and, if asked for, does the handshake of TLS. It returns the settings of TLS.
func (h *examined) reach(ctx context.Context, ws *specs.Workspace, c *specs.TLSConfig) (*tls.Config, bool) {
	host, _, err := net.SplitHostPort(h.Address)
	if err == nil {
		_, err = net.DefaultResolver.LookupHost(ctx, host)
	}
	if h.told("resolve", err); err != nil {
		return nil, false
	}
	nc, err := (&net.Dialer{}).DialContext(ctx, "tcp", h.Address)
	if h.told("connect", err); err != nil {
		return nil, false
	}
	defer func() { _ = nc.Close() }()
	t, err := tlsConfig(ws.FS, c)
	if t == nil && err == nil {
		return nil, true
	}
	if err == nil {
		own := t.Clone()
		if own.ServerName == "" {
			own.ServerName = host
		}
		err = tls.Client(nc, own).HandshakeContext(ctx)
	}
	h.told("tls", err)
	return t, err == nil
}

// wire goes on by the words of the wire.
func (h *examined) wire(ctx context.Context, ws *specs.Workspace, b *specs.Backend, address string, t *tls.Config) {
	if b.AMQP != nil {
		h.OK = amqp.Diagnose(ctx, amqpOptions(b.AMQP, address, b.Concurrency.Max, t), h.told) == nil
		return
	}
	a, err := newAdapter(ws.FS, b)
	if err == nil {
		if prober, ok := a.(adapters.Prober); ok {
			err = prober.Probe(ctx)
		}
		if c, ok := a.(interface{ Close() error }); ok {
			defer func() { _ = c.Close() }()
		}
	}
	h.told("probe", err)
	h.OK = err == nil
}

// ping sends the ping of a backend that has one, when all before it went well.
func (h *examined) ping(ctx context.Context, p *plan, b *specs.Backend) {
	if !h.OK || b.Breaker.Ping == nil {
		return
	}
	err := pingOnce(ctx, p, b)
	h.told("ping", err)
	h.OK = err == nil
}

func (p *program) printExamined(hosts []*examined) error {
	if p.output == "json" {
		return p.printJSON(map[string]any{"formatVersion": "1.0", "hosts": hosts})
	}
	for _, h := range hosts {
		if _, err := fmt.Fprintf(p.stdout, "%s (%s, %s)\n", h.Name, h.Kind, h.Address); err != nil {
			return err
		}
		for _, s := range h.Steps {
			word := "ok  "
			if !s.OK {
				word = "FAIL"
			}
			_, _ = fmt.Fprintf(p.stdout, "  %s  %-14s %8.1f ms", word, s.Step, s.MS)
			if s.Detail != "" {
				_, _ = fmt.Fprintf(p.stdout, "  %s", s.Detail)
			}
			if s.Hint != "" {
				_, _ = fmt.Fprintf(p.stdout, "\n        look at: %s", s.Hint)
			}
			_, _ = fmt.Fprintln(p.stdout)
		}
	}
	return nil
}
