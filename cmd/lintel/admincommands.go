// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"lintel/specs"
)

// backendStatus is a backend as the admin port shows it.
type backendStatus struct {
	Breaker   string    `json:"breaker"`
	Since     time.Time `json:"since"`
	Reason    string    `json:"reason"`
	InFlight  int       `json:"inFlight"`
	Waiting   int       `json:"waiting"`
	Limit     int       `json:"limit"`
	Completed int       `json:"completed"`
	Failed    int       `json:"failed"`
	LastError *struct {
		At    time.Time `json:"at"`
		Error string    `json:"error"`
	} `json:"lastError"`
	Ping *struct {
		Next *time.Time `json:"next"`
		Last string     `json:"last"`
	} `json:"ping"`
}

// gatewayStatus is what GET /status answers.
type gatewayStatus struct {
	Version   string    `json:"version"`
	PID       int       `json:"pid"`
	Started   time.Time `json:"started"`
	Ready     bool      `json:"ready"`
	Draining  bool      `json:"draining"`
	InFlight  int       `json:"inFlight"`
	LogLevel  string    `json:"logLevel"`
	Workspace struct {
		Dir        string    `json:"dir"`
		Digest     string    `json:"digest"`
		Since      time.Time `json:"since"`
		Operations int       `json:"operations"`
		Warnings   int       `json:"warnings"`
		Pending    bool      `json:"pending"`
	} `json:"workspace"`
	Refused *struct {
		At       time.Time      `json:"at"`
		Cause    string         `json:"cause"`
		Error    string         `json:"error"`
		Findings specs.Findings `json:"findings"`
	} `json:"refused"`
	Backends map[string]backendStatus `json:"backends"`
}

func newStatus(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use: "status", Short: "Show how a running gateway is", Args: cobra.NoArgs,
		Example: "  lintel status\n  lintel status --admin unix:/run/lintel/admin.sock --output json",
	}
	c := adminFlags(p, cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var s gatewayStatus
		answer, err := c.get(cmd.Context(), "GET", "/status", &s)
		if err != nil {
			return err
		}
		return c.show(answer, s.print)
	}
	return cmd
}

func (s *gatewayStatus) print(w io.Writer) error {
	state := "not ready"
	switch {
	case s.Draining:
		state = "draining"
	case s.Ready:
		state = "ready"
	}
	text := fmt.Sprintf("lintel %s, process %d, %s since %s, %s in flight\n", s.Version, s.PID, state, when(s.Started), count(s.InFlight, "call"))
	text += fmt.Sprintf("workspace %s, digest %s, since %s: %s, %s\n", s.Workspace.Dir, s.Workspace.Digest, when(s.Workspace.Since),
		count(s.Workspace.Operations, "operation"), count(s.Workspace.Warnings, "warning"))
	if s.Workspace.Pending {
		text += "changes of gateway or operations in lintel.yaml wait for the next start or handover\n"
	}
	if r := s.Refused; r != nil {
		text += fmt.Sprintf("REFUSED a reload (%s) at %s: %s\n", r.Cause, when(r.At), r.Error)
		for _, f := range r.Findings {
			if f.Severity == specs.Error {
				text += "  " + f.String() + "\n"
			}
		}
	}
	if _, err := io.WriteString(w, text); err != nil {
		return err
	}
	return printBackends(w, s.Backends)
}

func printBackends(w io.Writer, backends map[string]backendStatus) error {
	for _, name := range slices.Sorted(maps.Keys(backends)) {
		b := backends[name]
		line := fmt.Sprintf("backend %s: %s since %s, %d of %d slots, %d waiting, %d of %d calls failed in the window", name, b.Breaker, when(b.Since), b.InFlight, b.Limit, b.Waiting, b.Failed, b.Completed)
		if b.Reason != "" {
			line += " (" + b.Reason + ")"
		}
		if p := b.Ping; p != nil && p.Next != nil {
			line += "; next ping at " + when(*p.Next)
			if p.Last != "" {
				line += ", the last one " + p.Last
			}
		}
		if b.LastError != nil {
			line += fmt.Sprintf("; last error at %s: %s", when(b.LastError.At), b.LastError.Error)
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

func when(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }

func newReload(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use: "reload", Short: "Make a running gateway read its workspace again", Args: cobra.NoArgs,
		Example: "  lintel reload\n  lintel reload --admin 127.0.0.1:9901 --token-file admin.token",
		Long: `Reload makes a running gateway read its workspace again. One with errors is refused, its findings
are printed, and the one in place keeps serving (exit code 1).`,
	}
	c := adminFlags(p, cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return c.reload(cmd.Context()) }
	return cmd
}

func (c *adminClient) reload(ctx context.Context) error {
	answer, err := c.do(ctx, "POST", "/reload", "")
	var report struct {
		Result    string         `json:"result"`
		Error     string         `json:"error"`
		Findings  specs.Findings `json:"findings"`
		Workspace struct {
			Digest     string `json:"digest"`
			Operations int    `json:"operations"`
		} `json:"workspace"`
	}
	if jerr := json.Unmarshal(answer, &report); jerr != nil || report.Result == "" {
		if err == nil {
			err = &exitError{code: exitUnreachable, err: errors.New("the answer is not one of an admin port of Lintel")}
		}
		return refusedBy(err)
	}
	if serr := c.show(answer, func(w io.Writer) error {
		if report.Result == "ok" {
			_, werr := fmt.Fprintf(w, "reloaded: digest %s, %s\n", report.Workspace.Digest, count(report.Workspace.Operations, "operation"))
			return werr
		}
		return printFindings(w, nil, report.Findings)
	}); serr != nil {
		return serr
	}
	if report.Result != "ok" {
		return &exitError{code: exitFindings, err: fmt.Errorf("refused, the workspace in place keeps serving: %s", report.Error)}
	}
	return nil
}

func newBreaker(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use: "breaker", Short: "Show the breakers of a running gateway, hold backends and release them",
		Example: "  lintel breaker list\n  lintel breaker hold core --token-file admin.token",
	}
	list := &cobra.Command{Use: "list", Short: "Show breaker, slots and last error of every backend", Args: cobra.NoArgs, Example: "  lintel breaker list --output json"}
	c := adminFlags(p, list)
	list.RunE = func(cmd *cobra.Command, _ []string) error {
		backends := map[string]backendStatus{}
		answer, err := c.get(cmd.Context(), "GET", "/backends", &backends)
		if err != nil {
			return err
		}
		return c.show(answer, func(w io.Writer) error { return printBackends(w, backends) })
	}
	cmd.AddCommand(list, breakerAction(p, "hold", "Refuse all calls to a backend until it is released, also across reloads"),
		breakerAction(p, "release", "End a hold: the breaker is then what it would be without it"))
	return cmd
}

func breakerAction(p *program, action, short string) *cobra.Command {
	cmd := &cobra.Command{Use: action + " BACKEND", Short: short, Args: cobra.ExactArgs(1), Example: "  lintel breaker " + action + " core --token-file admin.token"}
	c := adminFlags(p, cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !validName(args[0]) {
			return fmt.Errorf("%q is not the name of a backend", args[0])
		}
		var b backendStatus
		answer, err := c.get(cmd.Context(), "POST", "/backends/"+args[0]+"/"+action, &b)
		if err != nil {
			return err
		}
		return c.show(answer, func(w io.Writer) error { return printBackends(w, map[string]backendStatus{args[0]: b}) })
	}
	return cmd
}

// validName keeps what is no name of a backend out of a URL.
func validName(s string) bool {
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return s != ""
}

func newLog(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use: "loglevel [LEVEL]", Short: "Show the log level of a running gateway, or change it until it ends", Args: cobra.MaximumNArgs(1),
		Example: "  lintel loglevel debug",
	}
	c := adminFlags(p, cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		method, body := "GET", ""
		if len(args) == 1 {
			method, body = "PUT", fmt.Sprintf(`{"level":%q}`, args[0])
		}
		answer, err := c.do(cmd.Context(), method, "/log", body)
		if err != nil {
			return refusedBy(err)
		}
		return c.show(answer, func(w io.Writer) error {
			var v struct {
				Level string `json:"level"`
			}
			if err := json.Unmarshal(answer, &v); err != nil {
				return &exitError{code: exitUnreachable, err: errors.New("the answer is not one of an admin port of Lintel")}
			}
			_, err := fmt.Fprintln(w, v.Level)
			return err
		})
	}
	return cmd
}

func newHealthcheck(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use: "healthcheck", Short: "Ask a running gateway whether it is ready (exit code 0), for images without curl", Args: cobra.NoArgs,
		Example: "  lintel healthcheck\n  lintel healthcheck --admin unix:/run/lintel/admin.sock",
	}
	c := adminFlags(p, cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		_, err := c.do(cmd.Context(), "GET", "/readyz", "")
		return refusedBy(err)
	}
	return cmd
}
