// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"slices"

	"lintel/adapters"
	"lintel/gateway"
	"lintel/specs"
)

func routes(p *plan, guards map[string]*ownGuard, schemes map[string]*gateway.Scheme, tape *recorder) ([]gateway.Route, error) {
	out := make([]gateway.Route, 0, len(p.operations))
	for _, op := range p.operations {
		if op.steps != nil {
			r, err := stepsRoute(op, guards, tape)
			if err != nil {
				return nil, err
			}
			r.Schemes, r.Keys, r.Version = schemes, op.keys(), p.digest
			out = append(out, r)
			continue
		}
		guard := guards[op.backend.Name].Guard
		lane, err := newLane(guard, &op.doc.Limits)
		if err != nil {
			return nil, fmt.Errorf("operation %s: %w", op.spec.ID, err)
		}
		fallbacks, err := fallbacksOf(p, op, guards)
		if err != nil {
			return nil, fmt.Errorf("operation %s: %w", op.spec.ID, err)
		}
		out = append(out, gateway.Route{
			Fallbacks: fallbacks, Operation: op.spec, Start: tape.start(op),
			Backend: guard, BackendName: op.backend.Name, Lane: lane,
			Safe: op.safe(), Public: op.doc.Public, Schemes: schemes, Critical: op.doc.Limits.High,
			Timeout: cmp.Or(op.doc.Limits.Timeout, op.backend.Timeout), Caching: caching(op.doc.Cache),
			Keys: op.keys(), Version: p.digest, Means: means(op, guards),
		})
	}
	return out, nil
}

// fallbacksOf are the fallbacks of an operation.
func fallbacksOf(p *plan, op *operation, guards map[string]*ownGuard) ([]gateway.Fallback, error) {
	var out []gateway.Fallback
	for _, f := range op.doc.Fallbacks {
		one := gateway.Fallback{Last: f.Last}
		if name := f.Backend.Value; name != "" {
			guard := guards[name].Guard
			lane, err := newLane(guard, &specs.LimitsSpec{Needs: op.doc.Limits.Needs, High: op.doc.Limits.High})
			if err != nil {
				return nil, err
			}
			one.Backend, one.Lane, one.Timeout = guard, lane, cmp.Or(op.doc.Limits.Timeout, p.ws.Config.Backend(name).Timeout)
		}
		out = append(out, one)
	}
	return out, nil
}

// stepsRoute is the route of an operation of several steps.
func stepsRoute(op *operation, guards map[string]*ownGuard, tape *recorder) (gateway.Route, error) {
	steps, err := stepRoutes(op, tape.start, func(part *operation, l *specs.LimitsSpec) (gateway.Exchanger, *adapters.Lane, error) {
		guard := guards[part.backend.Name].Guard
		lane, err := newLane(guard, l)
		return guard, lane, err
	})
	for _, part := range op.parts {
		if part.inquiry != nil && err == nil {
			s := &steps[part.step]
			s.Inquiry, s.Told = ask(part.inquiry, op.doc.Steps[part.step].Inquiry, guards), op.steps.Told(part.step)
		}
	}
	return gateway.Route{
		Operation: op.spec, Steps: steps, Answer: tape.answerer(op), AnswerNeeds: op.steps.Needs(), AnswerCanFail: op.steps.CanFail(),
		Safe: op.safe(), Public: op.doc.Public, Critical: slices.ContainsFunc(op.doc.Steps, func(s *specs.StepSpec) bool { return s.Limits.High }),
	}, err
}

// newLane makes the lane of an operation.
func newLane(g *adapters.Guard, l *specs.LimitsSpec) (*adapters.Lane, error) {
	return g.NewLane(adapters.LaneOptions{Max: l.Max, High: l.High, Needs: l.Needs, Retries: l.Retries, Hedge: l.Hedge})
}
