// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"lintel/specs"
)

// table is all routes of one Swap. The tree of chi knows path templates only, under one method: a
// path that the contract declares is that path for every method, so that a method it lacks is 405
// and never served by a template that happens to match too.
type table struct {
	mux   *chi.Mux
	paths map[string]*pathEntry // by pattern in the tree

	cors      *corsPlan // nil without CORS
	documents map[string]*document
	rates     map[string]*ratePlan
	sheds     map[string]*shedder // by backend
	// routes and status are by operationId: the operations that are recorded, and the routes of their status.
	routes, status map[string]*route
	journal        bool
}

// pathEntry is one path template with its operations.
type pathEntry struct {
	template string
	routes   []*route
	allow    string
	// semi tells that a raw ";" has a meaning in this path.
	semi bool
	// params is the number of parameters in the template.
	params int
}

// route is one operation, compiled.
type route struct {
	Route
	template string
	access   *accessPlan // nil if the contract names no security
	inputs   inputPlan
	body     bodyPlan
	media    mediaPlan
	memory   *lru // nil unless a fallback needs it
	metrics  *routeMetrics
	rates    []*ratePlan
	shed     *shedder // nil without Admission
	// attrs and line are the fields of the access log that are the same in every line of the route.
	attrs attrLine
	line  jsonLine
	// fixed headers are in every answer, cacheControl in those that may be kept.
	fixed        []fixedHeader
	cacheControl [1]string
	// number tells the route from all others, also from the same one of another Swap.
	number uint64
}

const treeMethod = http.MethodGet

func newTable(s Site, g *Gateway) (t *table, err error) {
	defer func() {
		// chi panics on patterns that it cannot hold. Those known are refused before; this is for the others.
		if p := recover(); p != nil {
			t, err = nil, fmt.Errorf("routes cannot be built: %v", p)
		}
	}()
	before := g.table.Load()
	t = &table{
		mux: chi.NewMux(), paths: map[string]*pathEntry{}, sheds: map[string]*shedder{},
		routes: map[string]*route{}, status: map[string]*route{}, journal: g.options.Journal != nil,
	}
	var errs []error
	if t.rates, err = compileRates(s.Rates, before); err != nil {
		errs = append(errs, err)
	}
	if t.cors, err = compileCORS(s.CORS); err != nil {
		errs = append(errs, err)
	}
	if t.documents, err = compileDocuments(s.Documents); err != nil {
		errs = append(errs, err)
	}
	for _, r := range s.Routes {
		if err := t.add(r, g, before); err != nil {
			errs = append(errs, err)
		}
	}
	for _, e := range t.paths {
		e.allow = allowOf(e.routes)
	}
	return t, errors.Join(errs...)
}

// complete reports a route that lacks a part.
func (r *Route) complete() error {
	lacks := errors.New("route lacks its operation, transform or backend")
	if r.Operation == nil {
		return lacks
	}
	if len(r.Steps) == 0 {
		if r.Start == nil || r.Backend == nil {
			return lacks
		}
		return nil
	}
	if r.Answer == nil {
		return lacks
	}
	for i := range r.Steps {
		for s := &r.Steps[i]; s != nil; s = s.Undo {
			if s.Start == nil || s.Backend == nil || s.Timeout <= 0 {
				return fmt.Errorf("step %s of operation %s lacks its transform, backend or timeout", r.Steps[i].Name, r.Operation.ID)
			}
		}
		if a := r.Steps[i].Inquiry; a != nil && (a.Start == nil || a.Backend == nil) {
			return fmt.Errorf("the inquiry of step %s of operation %s lacks its transform or backend", r.Steps[i].Name, r.Operation.ID)
		}
	}
	return nil
}

// measured returns the steps with their metrics.
func measured(r *Route, m *metrics) []StepRoute {
	steps := slices.Clone(r.Steps)
	for i := range steps {
		s := &steps[i]
		s.metrics = m.route(r.Operation, s.BackendName)
		if s.Undo != nil {
			u := *s.Undo
			u.metrics = m.route(r.Operation, u.BackendName)
			s.Undo = &u
			for _, result := range []string{"done", "open"} {
				m.undos.WithLabelValues(r.Operation.ID, s.Name, result)
			}
		}
	}
	return steps
}

func (t *table) add(r Route, g *Gateway, before *table) error {
	if err := r.complete(); err != nil {
		return err
	}
	if r.Keys != KeysOff && !r.Safe && !t.journal {
		return fmt.Errorf("operation %s: its exchanges are to be recorded, and there is no journal", r.Operation.ID)
	}
	op := r.Operation
	access, err := compileAccess(&r)
	if err != nil {
		return fmt.Errorf("operation %s: %w", op.ID, err)
	}
	p, err := parseTemplate(op.Path)
	if err != nil {
		return fmt.Errorf("operation %s: path %s: %w", op.ID, op.Path, err)
	}
	if !knownMethod(op.Method) {
		return fmt.Errorf("operation %s: method %s cannot be served", op.ID, op.Method)
	}
	if r.Caching != nil && !r.Safe {
		return fmt.Errorf("operation %s: its answers cannot be kept, since it is not safe", op.ID)
	}
	inputs, err := compileInputs(op, p.names)
	if err != nil {
		return fmt.Errorf("operation %s: %w", op.ID, err)
	}
	access.addTo(&inputs)
	body, err := compileBody(op)
	if err != nil {
		return fmt.Errorf("operation %s: %w", op.ID, err)
	}
	e := t.paths[p.pattern]
	if e == nil {
		e = &pathEntry{template: op.Path, params: len(p.names), semi: strings.Contains(p.pattern, ";")}
		t.paths[p.pattern] = e
		t.mux.Method(treeMethod, p.pattern, http.NotFoundHandler())
	}
	if e.route(op.Method) != nil {
		return fmt.Errorf("operation %s: %s %s is served twice", op.ID, op.Method, op.Path)
	}
	e.semi = e.semi || slices.ContainsFunc(op.Parameters, func(p *specs.Parameter) bool { return p.In == "path" && p.Style == "matrix" })
	r.Steps = measured(&r, g.metrics)
	attrs, line := routeFields(op, r.BackendName)
	own := &route{
		Route: r, template: op.Path, access: access, inputs: inputs,
		body: body, media: compileMedia(op), memory: newMemory(r.Fallbacks), metrics: g.metrics.route(op, r.BackendName), attrs: attrs, line: line,
		fixed: fixedHeaders(op), cacheControl: [1]string{cacheControl(r.Caching, r.Public)}, number: g.metrics.routes.Add(1),
	}
	e.routes = append(e.routes, own)
	if err := t.compileLimits(own, before); err != nil {
		return err
	}
	if r.Keys != KeysOff && !r.Safe {
		own.inputs.twins[headerKey] = true
		t.routes[op.ID], t.status[op.ID] = own, statusRoute(own, g.metrics)
	}
	return nil
}

// statusRoute is the route of the status of an operation: with the same callers, and under a path of its own.
func statusRoute(r *route, m *metrics) *route {
	op := *r.Operation
	op.Method, op.Path = http.MethodGet, StatusPath+"{id}"
	out := *r
	out.Route.Operation, out.Safe, out.Keys, out.template = &op, true, KeysOff, op.Path
	out.metrics, out.fixed, out.number = m.route(&op, r.BackendName), nil, m.routes.Add(1)
	out.attrs, out.line = routeFields(&op, r.BackendName)
	return &out
}

// route returns the route of a method, GET for HEAD unless the contract has its own, or nil.
func (e *pathEntry) route(method string) *route {
	var get *route
	for _, r := range e.routes {
		if r.Operation.Method == method {
			return r
		}
		if r.Operation.Method == http.MethodGet && method == http.MethodHead {
			get = r
		}
	}
	return get
}

// served is the route of an operation, whether it is recorded or not; nil if there is none.
func (t *table) served(operation string) *route {
	for _, e := range t.paths {
		for _, r := range e.routes {
			if r.Operation.ID == operation {
				return r
			}
		}
	}
	return nil
}

func allowOf(routes []*route) string {
	methods := []string{http.MethodOptions}
	for _, r := range routes {
		methods = append(methods, r.Operation.Method)
		if r.Operation.Method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
	}
	slices.Sort(methods)
	return strings.Join(slices.Compact(methods), ", ")
}

// find returns the entry for a canonical path, or nil, and leaves the raw values of its parameters in
// rctx.URLParams.Values, in the order of the template.
func (t *table) find(rctx *chi.Context, path string) *pathEntry {
	rctx.Reset()
	e := t.paths[t.mux.Find(rctx, treeMethod, path)]
	if e == nil || len(rctx.URLParams.Values) != e.params {
		return nil
	}
	// chi lets {name}.json match .json with an empty name, which no path parameter can be. It then
	// does not look for another template, so that such a path is not found at all.
	for _, v := range rctx.URLParams.Values {
		if v == "" {
			return nil
		}
	}
	return e
}

func knownMethod(m string) bool {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodOptions, http.MethodTrace:
		return true
	}
	return false
}

// template is a path template of the contract in the form of the tree.
type template struct {
	// pattern has canonical literals and numbered parameters: /accounts/{0}.
	pattern string
	names   []string
}

func parseTemplate(path string) (template, error) {
	var t template
	if path == "" || path[0] != '/' {
		return t, errors.New("must begin with /")
	}
	var out, decoded []byte
	for i, segment := range strings.Split(path[1:], "/") {
		out = append(out, '/')
		if segment == "" && i < strings.Count(path, "/")-1 {
			return t, errors.New("has an empty segment")
		}
		for afterParam := false; segment != ""; {
			literal, rest, isParam := strings.Cut(segment, "{")
			var ok bool
			if out, decoded, ok = canonicalSegment(out, decoded[:0], literal); !ok || strings.Contains(literal, "}") {
				return t, errors.New("has a segment that cannot be served: a dot segment, a stray brace or a character that no path may have")
			}
			if !isParam {
				break
			}
			name, tail, closed := strings.Cut(rest, "}")
			if !closed || name == "" {
				return t, errors.New("has a parameter without a name or a closing brace")
			}
			if afterParam && literal == "" {
				return t, errors.New("has two parameters without a character between them")
			}
			if slices.Contains(t.names, name) {
				return t, fmt.Errorf("names parameter %s twice", name)
			}
			out = append(append(append(out, '{'), strconv.Itoa(len(t.names))...), '}')
			t.names = append(t.names, name)
			segment, afterParam = tail, true
		}
	}
	t.pattern = string(out)
	return t, nil
}
