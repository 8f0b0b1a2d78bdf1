// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"slices"
	"strings"
)

// check compares the documents of a workspace with each other.
func (l *loader) check(ws *Workspace) {
	l.checkBackends(ws)
	l.checkListeners(ws)
	l.checkPings(ws)
	if ws.Contract == nil {
		return
	}
	l.checkOperations(ws)
	l.checkJournal(ws)
	l.checkSecurity(ws)
	l.checkEdge(ws)
	l.checkTests(ws)
	l.checkSimulation(ws)
}

func (l *loader) checkBackends(ws *Workspace) {
	if len(ws.Config.Backends) == 0 {
		return // lintel.yaml itself is at fault, and that is reported
	}
	for _, t := range ws.Transforms {
		var o *Operation
		if ws.Contract != nil {
			o = ws.Contract.Operation(t.Operation.Value)
		}
		safe := o == nil || t.safe(o)
		if len(t.Steps) > 0 {
			l.checkSteps(ws, t, safe)
			continue
		}
		b := l.checkBackend(ws, &t.Backend, t.Root.Get("backend"))
		if b != nil {
			l.checkLimits(&t.Limits, t.Root, b, safe)
		}
		l.checkFallbacks(ws, t, b, safe)
	}
}

// checkBackend returns the backend of that name, or reports that there is none.
func (l *loader) checkBackend(ws *Workspace, name *Text, n *Node) *Backend {
	b := ws.Config.Backend(name.Value)
	if b == nil && name.Value != "" {
		var names []string
		for _, b := range ws.Config.Backends {
			names = append(names, b.Name)
		}
		l.add(CodeNoBackend, n, fmt.Sprintf("the backend %s is not in %s", show(n), configFile), didYouMean(name.Value, sorted(names)))
	}
	return b
}

// checkOperations pairs operations and transforms: each has exactly one of the other.
func (l *loader) checkOperations(ws *Workspace) {
	ids := ws.Contract.operationIDs()
	served := map[string]*Transform{}
	for _, t := range ws.Transforms {
		id := t.Operation.Value
		if id == "" {
			// Without its operation the file still tells by its name what it was meant for.
			served[strings.TrimSuffix(strings.TrimPrefix(t.File, transformsDir+"/"), ".yaml")] = t
			continue
		}
		n := t.Root.Get("operation")
		if before := served[id]; before != nil {
			l.add(CodeTwoTransforms, n, fmt.Sprintf("operation %q has two transforms", id), "the other is "+before.File+"; keep one")
			continue
		}
		served[id] = t
		if o := ws.Contract.Operation(id); o != nil && t.Cache != nil && (t.Safe == nil && !o.Safe() || t.Safe != nil && !*t.Safe) {
			l.add(CodeCache, t.Root.Key("cache"), fmt.Sprintf("answers of %q cannot be kept: the operation is not safe", id), "remove cache, or write safe: true if it changes nothing at the host")
		}
		if ws.Contract.Operation(id) == nil {
			l.add(CodeNoOperation, n, fmt.Sprintf("the contract has no operation %q", id), didYouMean(id, ids))
		}
	}
	for _, o := range ws.Contract.Operations {
		if o.ID != "" && served[o.ID] == nil && !l.unreadable(transformsDir+"/"+o.ID+".yaml") {
			l.findings.Add(CodeNoTransform, o.Pos, fmt.Sprintf("operation %q has no transform", o.ID), fmt.Sprintf("add %s/%s.yaml, or remove the operation", transformsDir, o.ID))
		}
	}
}

// unreadable reports whether a file has findings that kept it from being read: what it would have
// said is not known, and is not reported as missing.
func (l *loader) unreadable(file string) bool {
	for _, f := range l.findings {
		if f.File == file {
			return true
		}
	}
	return false
}

func (l *loader) checkTests(ws *Workspace) {
	ids := ws.Contract.operationIDs()
	for _, t := range ws.Tests {
		o := ws.Contract.Operation(t.Operation)
		if o == nil && (ws.Config.Listener(t.Operation) != nil || ws.Ping(t.Operation) != nil) {
			for _, c := range t.Asks {
				l.findings.Add(CodeTestOperation, c.Ask.Pos, fmt.Sprintf("%s is no operation: it has no %s", t.Operation, c.Ask.Kind), "move the test to the file of the operation")
			}
		}
		if o == nil && ws.Config.Listener(t.Operation) != nil {
			l.checkListenerTests(t)
			continue
		}
		if o == nil && ws.Ping(t.Operation) != nil {
			l.checkPingTests(t)
			continue
		}
		if o == nil {
			l.findings.Add(CodeTestOperation, Pos{File: t.File}, fmt.Sprintf("the file is named for the operation %q, which the contract does not have", t.Operation), didYouMean(t.Operation, ids))
			continue
		}
		for _, c := range slices.Concat(t.Cases, t.Asks) {
			if c.Message != nil {
				l.findings.Add(CodeTestOperation, c.Message.Pos, fmt.Sprintf("%s is an operation: what an app sends is a request", t.Operation), "write request: in place of message:, or move the test to the file of a listener")
			}
			if c.Ask != nil {
				l.checkTestAsk(ws, t.Operation, c)
			} else if c.pingResult() {
				l.findings.Add(CodeTestOperation, c.Pos, fmt.Sprintf("%s is an operation: result %s is that of a ping", t.Operation, c.Result), "write response: with what the app must get")
			}
			l.checkTestParameters(o, c.Request, "path", Error)
			l.checkTestParameters(o, c.Request, "query", Warning)
			l.checkTestSteps(ws, t.Operation, c)
		}
	}
}

// checkListenerTests reports tests of a listener that have no message.
func (l *loader) checkListenerTests(t *TestFile) {
	for _, c := range t.Cases {
		if c.Message == nil {
			l.findings.Add(CodeMissingKey, c.Pos, fmt.Sprintf("a test of the listener %s needs the key \"message\"", t.Operation), "add what the listener takes from its queue")
		}
		if c.pingResult() {
			l.findings.Add(CodeTestOperation, c.Pos, fmt.Sprintf("%s is a listener: result %s is that of a ping", t.Operation, c.Result), "write done, backout, dead or retried")
		}
	}
}

// checkPingTests reports tests of a ping that speak of a caller or a queue, or not of the host.
func (l *loader) checkPingTests(t *TestFile) {
	for _, c := range t.Cases {
		if c.Request != nil || c.Response != nil || len(c.Steps) > 0 || c.Message != nil {
			l.findings.Add(CodeTestOperation, c.Pos, fmt.Sprintf("%s is a backend: its ping has neither caller nor queue", t.Operation), "say in host: what it receives and replies, and in result: succeeded or failed")
			continue
		}
		if c.Replies == nil && c.Fails == "" {
			l.findings.Add(CodeMissingKey, c.Pos, fmt.Sprintf("a test of the ping of %s needs what the host replies", t.Operation), "add host: {replies: ...}, or host: {fails: in doubt}")
		}
	}
}

// checkTestSteps reports steps of a test that the operation does not have.
func (l *loader) checkTestSteps(ws *Workspace, operation string, c *TestCase) {
	i := slices.IndexFunc(ws.Transforms, func(t *Transform) bool { return t.Operation.Value == operation })
	if i < 0 || len(c.Steps) == 0 {
		return
	}
	t := ws.Transforms[i]
	var names, undos []string
	for _, s := range t.Steps {
		names = append(names, s.Name.Value)
		if s.Undo != nil {
			undos = append(undos, s.Name.Value)
		}
	}
	for _, s := range c.Steps {
		known, what := names, "step"
		if s.Undo {
			known, what = undos, "step to undo"
		}
		if s.Name.Value != "" && !slices.Contains(known, s.Name.Value) {
			l.findings.Add(CodeNoStep, s.Name.Pos, fmt.Sprintf("operation %q has no %s %q", operation, what, s.Name.Value), didYouMean(s.Name.Value, sorted(known)))
		}
	}
}

// checkTestParameters reports parameters of a test that the operation does not have. One in the
// query may be there on purpose, to see it refused.
func (l *loader) checkTestParameters(o *Operation, request *Node, in string, severity Severity) {
	given := request.Get(in)
	if given == nil {
		return
	}
	var names []string
	for _, p := range o.Parameters {
		if p.In == in {
			names = append(names, p.Name)
		}
	}
	for _, f := range given.Fields {
		if !slices.Contains(names, f.Key.Text) {
			l.report(severity, CodeTestParameter, f.Key, fmt.Sprintf("operation %q has no %s parameter %s", o.ID, in, show(f.Key)), didYouMean(f.Key.Text, names))
		}
	}
}

// operationIDs lists the names of the operations that have one, sorted.
func (c *Contract) operationIDs() []string {
	var ids []string
	for _, o := range c.Operations {
		if o.ID != "" {
			ids = append(ids, o.ID)
		}
	}
	slices.Sort(ids)
	return ids
}
