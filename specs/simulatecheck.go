// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"maps"
	"slices"
)

// checkSimulation looks at what simulate.yaml says of operations, steps and tables.
func (l *loader) checkSimulation(ws *Workspace) {
	s := ws.Simulation
	if s == nil {
		return
	}
	l.checkSimulatedTLS(ws)
	tables := map[string]bool{}
	for _, t := range s.Tables {
		tables[t.Name.Value] = true
	}
	for _, x := range s.Exchanges {
		o := ws.Contract.Operation(x.Operation.Value)
		if o == nil {
			l.findings.Add(CodeNoOperation, x.Operation.Pos, fmt.Sprintf("the contract has no operation %q", x.Operation.Value), didYouMean(x.Operation.Value, ws.Contract.operationIDs()))
			continue
		}
		l.checkSimulatedStep(ws, x)
		names := map[string]bool{}
		for _, r := range x.Rows {
			names[r.Name.Value] = true
			if !tables[r.Table.Value] && r.Table.Value != "" {
				l.findings.Add(CodeSimulation, r.Table.Pos, fmt.Sprintf("there is no table %q", r.Table.Value), didYouMean(r.Table.Value, slices.Sorted(maps.Keys(tables))))
			}
		}
		for _, r := range x.Replies {
			if r.Set == nil {
				continue
			}
			for _, f := range r.Set.Fields {
				if !names[f.Key.Text] {
					l.findings.Add(CodeSimulation, f.Key.Pos, fmt.Sprintf("there is no row %q", f.Key.Text), didYouMean(f.Key.Text, slices.Sorted(maps.Keys(names))))
				}
			}
		}
	}
}

// checkSimulatedStep reports a section of steps for an operation that has none, and the other way round.
func (l *loader) checkSimulatedStep(ws *Workspace, x *SimulatedExchange) {
	i := slices.IndexFunc(ws.Transforms, func(t *Transform) bool { return t.Operation.Value == x.Operation.Value })
	if i < 0 {
		return
	}
	t := ws.Transforms[i]
	switch {
	case x.Step.Value == "" && len(t.Steps) > 0:
		l.findings.Add(CodeNoStep, x.Pos, fmt.Sprintf("operation %q has several steps", x.Operation.Value), "write steps: with a section for each")
	case x.Step.Value != "" && !slices.ContainsFunc(t.Steps, func(s *StepSpec) bool { return s.Name.Value == x.Step.Value && (!x.Undo || s.Undo != nil) }):
		var names []string
		for _, s := range t.Steps {
			names = append(names, s.Name.Value)
		}
		l.findings.Add(CodeNoStep, x.Pos, fmt.Sprintf("operation %q has no such step", x.Operation.Value), didYouMean(x.Step.Value, names))
	}
}
