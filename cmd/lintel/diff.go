// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"lintel/specs"
	"lintel/specs/compare"
)

func newDiff(p *program) *cobra.Command {
	failOn := "breaking"
	cmd := &cobra.Command{
		Use:   "diff OLD [NEW]",
		Short: "Show what changed between two versions of a workspace, and whom it breaks",
		Long: `Diff compares two versions of a workspace: the contract, the bytes of every message of a host, the
transforms and lintel.yaml. It tells what breaks callers, what breaks the host, what has to be looked at and
what is safe. OLD and NEW are folders, or git revisions of the folder: HEAD, v1.2, main; REV:PATH
names a folder of a revision. NEW is the current folder if it is not given.
Exit code 0: nothing breaks; 1: something does, or with --fail-on any there is a change at all; 2: wrong usage;
3: a version cannot be read, or has errors.`,
		Example: `  lintel diff HEAD
  lintel diff main examples/bank
  lintel diff bank-v1 bank-v2 --output json
  lintel diff v1.0:examples/bank v1.1:examples/bank --fail-on any`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if failOn != "breaking" && failOn != "any" {
				return usageError("--fail-on must be breaking or any, not %q", failOn)
			}
			to := "."
			if len(args) == 2 {
				to = args[1]
			}
			changes, err := p.diff(cmd.Context(), args[0], to)
			if err != nil {
				return err
			}
			if err := p.printDiff(changes); err != nil {
				return err
			}
			if failOn == "any" && len(changes) > 0 || breaking(changes) {
				return &exitError{code: exitFindings, err: errors.New("there are changes"), silent: true}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&failOn, "fail-on", failOn, "`WHAT` gives exit code 1: breaking or any")
	return cmd
}

func breaking(changes []compare.Change) bool {
	for _, c := range changes {
		if c.Effect.Breaking() {
			return true
		}
	}
	return false
}

// compareVersions lists all differences of two compiled workspaces.
func compareVersions(from, to *compared) []compare.Change {
	out := compare.Contracts(from.ws.Contract, to.ws.Contract)
	for _, op := range from.ws.Contract.Operations {
		if now := compare.Same(to.ws.Contract, op); now != nil {
			out = append(out, compareTransforms(now.ID, from, to, from.transform(op.ID), to.transform(now.ID))...)
		}
	}
	out = append(out, compareBesides(from, to)...)
	out = append(out, compare.Rules(from.ws.Records, to.ws.Records)...)
	out = append(out, compare.Settings(from.ws.Config, to.ws.Config)...)
	out = append(out, compareTables(from, to)...)
	return together(out)
}

func compareTransforms(operation string, from, to *compared, a, b *specs.Transform) []compare.Change {
	if a == nil || b == nil {
		return nil
	}
	return append(compareMessages(operation, from, to, messagesOf(a), messagesOf(b)), compare.Transforms(operation, a, b)...)
}

// beside is a document that says what messages of hosts mean outside of operations: a listener, or a ping.
type beside struct {
	name     string
	root     *specs.Node
	messages []namedMessage
}

// besides lists the listeners and pings of a version, by their names in changes.
func (v *compared) besides() (listeners, pings []beside) {
	for _, l := range v.ws.Listeners {
		listeners = append(listeners, beside{listenerPrefix + l.Name.Value, l.Root, messagesOfListener(l)})
	}
	for _, p := range v.ws.Pings {
		pings = append(pings, beside{"ping of " + p.Backend.Value, p.Root, messagesOf(p.Transform())})
	}
	return listeners, pings
}

// compareBesides compares the listeners and the pings of two versions by their names.
func compareBesides(from, to *compared) []compare.Change {
	wasListeners, wasPings := from.besides()
	isListeners, isPings := to.besides()
	out := besidesOf(from, to, wasListeners, isListeners,
		compare.Change{Effect: compare.Host, Rule: "listener-removed", Message: "nobody takes its messages any more"},
		compare.Change{Effect: compare.Safe, Rule: "listener-added", Message: "the listener is new"})
	return append(out, besidesOf(from, to, wasPings, isPings,
		compare.Change{Effect: compare.Review, Rule: "ping-removed", Message: "the ping is gone: a call finds out again whether the host is back"},
		compare.Change{Effect: compare.Review, Rule: "ping-added", Message: "the ping is new: the host gets it while it is taken for down"})...)
}

// besidesOf compares two lists; removed and added are the changes for what only one of them has.
func besidesOf(from, to *compared, was, is []beside, removed, added compare.Change) []compare.Change {
	var out []compare.Change
	find := func(list []beside, name string) *beside {
		if i := slices.IndexFunc(list, func(b beside) bool { return b.name == name }); i >= 0 {
			return &list[i]
		}
		return nil
	}
	for _, a := range was {
		b := find(is, a.name)
		if b == nil {
			c := removed
			c.Part, c.Operation, c.Old = compare.Transform, a.name, a.root.Pos
			out = append(out, c)
			continue
		}
		out = append(out, compareMessages(a.name, from, to, a.messages, b.messages)...)
		out = append(out, compare.Transforms(a.name, &specs.Transform{Root: a.root}, &specs.Transform{Root: b.root})...)
	}
	for _, b := range is {
		if find(was, b.name) == nil {
			c := added
			c.Part, c.Operation, c.New = compare.Transform, b.name, b.root.Pos
			out = append(out, c)
		}
	}
	return out
}

// compareTables tells which tables are others: what is looked up in them is not known here.
func compareTables(from, to *compared) []compare.Change {
	var out []compare.Change
	names := map[string]bool{}
	for _, t := range append(from.ws.Tables, to.ws.Tables...) {
		if names[t.Name] {
			continue
		}
		names[t.Name] = true
		if was, is := from.tableText(t.Name), to.tableText(t.Name); was != is {
			out = append(out, compare.Change{Effect: compare.Review, Part: compare.Transform, Rule: "table-changed", Where: "table " + t.Name, Message: "the table has changed"})
		}
	}
	return out
}

// together makes one change of those that differ only in the operation.
func together(list []compare.Change) []compare.Change {
	index := map[compare.Change]int{}
	var out []compare.Change
	for _, c := range compare.Sort(list) {
		key := c
		key.Operation = ""
		i, ok := index[key]
		if !ok || c.Operation == "" {
			index[key] = len(out)
			out = append(out, c)
			continue
		}
		if !strings.Contains(", "+out[i].Operation+", ", ", "+c.Operation+", ") {
			out[i].Operation += ", " + c.Operation
		}
	}
	return out
}

// diffReport is the JSON form of diff.
type diffReport struct {
	FormatVersion string           `json:"formatVersion"`
	Callers       int              `json:"callers"`
	Host          int              `json:"host"`
	Review        int              `json:"review"`
	Safe          int              `json:"safe"`
	Changes       []compare.Change `json:"changes"`
}

func (p *program) printDiff(changes []compare.Change) error {
	r := diffReport{FormatVersion: "1.0", Changes: changes}
	if r.Changes == nil {
		r.Changes = []compare.Change{}
	}
	for _, c := range changes {
		switch c.Effect {
		case compare.Callers:
			r.Callers++
		case compare.Host:
			r.Host++
		case compare.Review:
			r.Review++
		case compare.Safe:
			r.Safe++
		}
	}
	if p.output == "json" {
		return p.printJSON(r)
	}
	if len(changes) == 0 {
		return nil
	}
	var b strings.Builder
	title := map[compare.Effect]string{compare.Callers: "breaks callers", compare.Host: "breaks the host", compare.Review: "to look at", compare.Safe: "safe"}
	var effect compare.Effect
	for _, c := range changes {
		if c.Effect != effect {
			effect = c.Effect
			fmt.Fprintf(&b, "%s:\n", title[effect])
		}
		fmt.Fprintf(&b, "  %s\n", changeLine(c))
	}
	fmt.Fprintf(&b, "%s callers, %s the host, %d to look at, %d safe\n", breakWords(r.Callers), breakWords(r.Host), r.Review, r.Safe)
	_, err := fmt.Fprint(p.stdout, b.String())
	return err
}

func breakWords(n int) string {
	if n == 1 {
		return "1 breaks"
	}
	return fmt.Sprintf("%d break", n)
}

// changeLine is a change in one line: place, subject, message and the name of its rule.
func changeLine(c compare.Change) string {
	line := ""
	switch {
	case c.New.Line > 0:
		line = c.New.String() + ": "
	case c.Old.Line > 0:
		line = "old " + c.Old.String() + ": "
	}
	subject := strings.TrimSpace(c.Operation + " " + c.Where)
	if subject != "" {
		line += subject + ": "
	}
	return line + c.Message + " [" + c.Rule + "]"
}
