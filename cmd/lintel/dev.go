// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"lintel/gateway"
	"lintel/specs"
)

// devCommand is lintel dev.
type devCommand struct {
	p          *program
	port       int
	admin      string
	open, real bool
	flags      simulationFlags
}

func newDev(p *program) *cobra.Command {
	c := &devCommand{p: p}
	cmd := &cobra.Command{
		Use:   "dev [DIR]",
		Short: "Serve a workspace while it is written: simulated hosts, and every saved file live at once",
		Long: `Dev serves a workspace on loopback with simulated hosts and watches its files. A saved file is checked
and live at once; one with a mistake shows its findings, as check prints them, and the version before
it keeps serving. A workspace that has errors at the start is served as soon as they are corrected.

It prints one line for each thing that it runs, one for each reload with its time, and one for each
call. The last calls are kept in memory: lintel test --record --from turns them into tests.
Ctrl-C stops it. With --no-simulate the hosts of lintel.yaml are called.`,
		Example: `  lintel dev examples/bank
  lintel dev --port 0 --open
  lintel dev --latency 200ms --fault timeout=5% examples/bank`,
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
	cmd.Flags().IntVar(&c.port, "port", -1, "port of the API on loopback; 0 lets the system pick (default that of lintel.yaml, else 8080)")
	cmd.Flags().StringVar(&c.admin, "admin", anyPort, "address of the admin port, host:port, or off")
	cmd.Flags().BoolVar(&c.open, "open", false, "open the page with the docs in a browser")
	cmd.Flags().BoolVar(&c.real, "no-simulate", false, "call the hosts of lintel.yaml")
	return cmd
}

func (c *devCommand) run(ctx context.Context, dir string) error {
	if c.port < -1 || c.port > 65535 {
		return usageError("--port must be from 0 to 65535, not %d", c.port)
	}
	talk := &devTalk{w: c.p.stderr, now: time.Now}
	compiled, err := c.whole(ctx, dir, talk)
	if compiled == nil {
		return err
	}
	if c.port < 0 {
		c.port = 8080
		if _, port, err := net.SplitHostPort(compiled.ws.Config.Gateway.Listen); err == nil {
			if c.port, err = strconv.Atoi(port); err != nil {
				return &exitError{code: exitInternal, err: err} // it was checked when the file was read
			}
		}
	}
	if c.open {
		talk.browse = browser(c.p.env)
	}
	calls := newRecorder(newLastCalls(), math.MaxInt64, talk.logging())
	defer func() { _ = calls.Close() }() // it is memory
	err = c.p.serve(ctx, dir, serveFlags{
		tape: calls, simulate: !c.real, watch: true, listen: net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)), admin: c.admin, simulation: c.flags, talk: talk,
	})
	if errors.Is(err, syscall.EADDRINUSE) {
		return &exitError{code: exitLoad, err: fmt.Errorf("%w; choose another with --port, or let the system pick with --port 0", err)}
	}
	return err
}

// whole waits until the workspace has no errors. It gives nothing when ctx ends before, which is no error.
func (c *devCommand) whole(ctx context.Context, dir string, talk *devTalk) (*plan, error) {
	for {
		seen := look(dir)
		compiled, findings, err := c.p.ready(dir)
		var broken *exitError
		if err == nil || !errors.As(err, &broken) || broken.code != exitFindings {
			return compiled, err
		}
		talk.say("not served yet: %s; waiting for the files to change, Ctrl-C stops", errorCount(findings))
		for look(dir) == seen {
			if !sleep(ctx, devPace) {
				return nil, nil
			}
		}
		settle(ctx, dir)
	}
}

func errorCount(list specs.Findings) string {
	n := 0
	for _, f := range list {
		if f.Severity == specs.Error {
			n++
		}
	}
	return count(n, "error")
}

// browser gives a function that opens a page. BROWSER names the program, as elsewhere.
func browser(env func(string) (string, bool)) func(ctx context.Context, url string) error {
	name, args := "xdg-open", []string(nil)
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler"}
	}
	if own, set := env("BROWSER"); set && own != "" {
		name, args = own, nil
	}
	return func(ctx context.Context, url string) error {
		cmd := exec.CommandContext(context.WithoutCancel(ctx), name, append(args, url)...) // #nosec G204 -- the user's own browser
		cmd.Stdout, cmd.Stderr = nil, nil
		if err := cmd.Start(); err != nil {
			return err
		}
		go func() { _ = cmd.Wait() }()
		return nil
	}
}

// devPace is how often the files of a workspace under development are looked at, where looking is cheap.
const devPace = 40 * time.Millisecond

// settle waits until files have stopped changing: an editor may write one in several steps.
func settle(ctx context.Context, dir string) {
	before := look(dir)
	for range 20 {
		if !sleep(ctx, 5*time.Millisecond) {
			return
		}
		now := look(dir)
		if now == before {
			return
		}
		before = now
	}
}

// announce prints what runs, one line for each thing.
func (t *devTalk) announce(ctx context.Context, compiled *plan, s *gateway.Server) {
	url := "http://" + reachable(s.Addr())
	if compiled.ws.Config.Gateway.Edge.TLS != nil {
		url = "https://" + reachable(s.Addr())
	}
	t.say("gateway   %s (%s of %s)", url, count(len(compiled.operations), "operation"), compiled.ws.Dir)
	page := url + "/docs/"
	if compiled.ws.Config.Gateway.Edge.Publish.Docs {
		t.say("docs      %s", page)
	}
	if a := s.AdminAddr(); a != nil && a.Network() != "unix" {
		t.say("admin     http://%s", reachable(a))
		t.say("calls     lintel test --record --from http://%s %s", reachable(a), compiled.ws.Dir)
	}
	t.say("watching  %s; save a file and it is live, Ctrl-C stops", compiled.ws.Dir)
	if t.browse == nil {
		return
	}
	if err := t.browse(ctx, page); err != nil {
		t.say("the browser does not open: %v", err)
	}
}
