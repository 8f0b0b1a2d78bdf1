// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os/user"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"lintel/gateway"
)

// doubts is the sub-command that looks at what is in doubt, and decides it.
type doubts struct {
	p          *program
	client     *adminClient
	by, reason string
	as         string
}

func newDoubts(p *program) *cobra.Command {
	d := &doubts{p: p}
	cmd := &cobra.Command{
		Use:   "doubts",
		Short: "List and resolve operations of which nobody knows whether the host did them",
		Long: `Doubts talks to the admin port of a running gateway. An operation is in doubt when its request was sent to
the host and no reply came. Most doubts end by the means that transforms declare (inquiry, reversal). The
others are for a person, who looks into the books of the host and says what is in them. Every decision goes
to the audit log of the gateway.`,
		Example: `  lintel doubts list
  lintel doubts resolve 5f0c… --as applied --reason "booking 4711 is in the ledger"`,
	}
	list := &cobra.Command{Use: "list", Short: "List what is in doubt, the oldest first", Example: "  lintel doubts list --output json", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error { return d.list(cmd.Context()) }}
	show := &cobra.Command{Use: "show ID", Short: "Show one operation with its caller and key", Example: "  lintel doubts show 01900000-0000-7000-8000-000000000000", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error { return d.show(cmd.Context(), args[0]) }}
	resolve := &cobra.Command{
		Use: "resolve ID", Short: "Say what the host did", Args: cobra.ExactArgs(1),
		Long: `Resolve ends a doubt by the word of a person. With --as applied the caller is told that the work was done and that its
answer is lost; with --as not-applied that it may be done again with a new key. It cannot be taken back.`,
		Example: `  lintel doubts resolve 5f0c… --as not-applied --reason "no booking on the day"`,
		RunE:    func(cmd *cobra.Command, args []string) error { return d.resolve(cmd.Context(), args[0]) },
	}
	resolve.Flags().StringVar(&d.as, "as", "", "applied or not-applied")
	accept := &cobra.Command{
		Use: "accept-loss", Short: "Accept that the journal was lost, and open operations again", Args: cobra.NoArgs,
		Long: `Accept-loss is for a gateway that found another journal than the one before: an empty folder, another database. What was
recorded is not known any more, and requests that were done would be done again. Compare the books first.`,
		Example: `  lintel doubts accept-loss --reason "volume lost, books compared"`,
		RunE:    func(cmd *cobra.Command, _ []string) error { return d.accept(cmd.Context()) },
	}
	for _, c := range []*cobra.Command{resolve, accept} {
		c.Flags().StringVar(&d.by, "by", userName(), "who decides")
		c.Flags().StringVar(&d.reason, "reason", "", "why; for the audit log")
	}
	for _, c := range []*cobra.Command{list, show, resolve, accept} {
		run, client := c.RunE, adminFlags(p, c)
		c.RunE = func(cmd *cobra.Command, args []string) error {
			d.client = client
			return run(cmd, args)
		}
	}
	cmd.AddCommand(list, show, resolve, accept)
	return cmd
}

func userName() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return ""
}

// order sends a decision.
func (d *doubts) order(ctx context.Context, path string, o gateway.Resolution, out any) error {
	if d.by == "" || d.reason == "" {
		return errors.New("--by and --reason are needed: they go to the audit log")
	}
	o.By, o.Reason = d.by, d.reason
	body, err := json.Marshal(o)
	if err != nil {
		return err
	}
	answer, err := d.client.do(ctx, http.MethodPost, path, string(body))
	if err != nil {
		return refusedBy(err)
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return &exitError{code: exitUnreachable, err: errors.New("the answer is not one of an admin port of Lintel")}
	}
	return nil
}

func (d *doubts) list(ctx context.Context) error {
	var list struct {
		FormatVersion string          `json:"formatVersion"`
		Doubts        []gateway.Doubt `json:"doubts"`
		More          bool            `json:"more"`
	}
	if _, err := d.client.get(ctx, http.MethodGet, "/doubts", &list); err != nil {
		return err
	}
	if d.p.output == "json" {
		return json.NewEncoder(d.p.stdout).Encode(list)
	}
	if len(list.Doubts) == 0 {
		_, err := fmt.Fprintln(d.p.stdout, "nothing is in doubt")
		return err
	}
	w := tabwriter.NewWriter(d.p.stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "operation\tname\tbackend\tage\tsince\tmeans")
	for _, x := range list.Doubts {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", x.Operation, nameText(x), x.Backend, time.Duration(x.AgeSeconds)*time.Second, x.Since, meansText(x))
	}
	if list.More {
		_, _ = fmt.Fprintln(w, "and more")
	}
	return w.Flush()
}

// nameText is the operation, and for a step of one its name.
func nameText(x gateway.Doubt) string {
	if x.Step == "" {
		return x.OperationID
	}
	return x.OperationID + " " + x.Step
}

func meansText(x gateway.Doubt) string {
	switch {
	case x.Contested:
		return "an operator: two proofs contradict each other"
	case len(x.Means) == 0:
		return "an operator"
	}
	return strings.Join(x.Means, ", ")
}

func (d *doubts) show(ctx context.Context, id string) error {
	var x gateway.Doubt
	if _, err := d.client.get(ctx, http.MethodGet, "/doubts/"+id, &x); err != nil {
		return err
	}
	return d.print(x)
}

func (d *doubts) print(x gateway.Doubt) error {
	if d.p.output == "json" {
		return json.NewEncoder(d.p.stdout).Encode(x)
	}
	w := tabwriter.NewWriter(d.p.stdout, 0, 0, 2, ' ', 0)
	for _, row := range [][2]string{
		{"operation", x.Operation},
		{"name", x.OperationID},
		{"step", x.Step},
		{"backend", x.Backend},
		{"state", x.State},
		{"begun", x.Begun.Format(time.RFC3339)},
		{"since", x.Since},
		{"caller", x.Caller},
		{"key", x.Key},
		{"means", meansText(x)},
	} {
		if row[1] != "" {
			_, _ = fmt.Fprintf(w, "%s\t%s\n", row[0], row[1])
		}
	}
	return w.Flush()
}

func (d *doubts) resolve(ctx context.Context, id string) error {
	if d.as != "applied" && d.as != "not-applied" {
		return errors.New("--as must be applied or not-applied")
	}
	var x gateway.Doubt
	if err := d.order(ctx, "/doubts/"+id, gateway.Resolution{Outcome: d.as}, &x); err != nil {
		return err
	}
	return d.print(x)
}

func (d *doubts) accept(ctx context.Context) error {
	var out any
	if err := d.order(ctx, "/journal/accept-loss", gateway.Resolution{}, &out); err != nil {
		return err
	}
	_, err := fmt.Fprintln(d.p.stdout, "the journal that is there is used from now on")
	return err
}
