// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"reflect"
	"slices"
	"time"

	"lintel/gateway"
	"lintel/gateway/tracing"
	"lintel/specs"
)

// lastTraces is how long an end waits for the collector.
const lastTraces = 3 * time.Second

func (h *house) startTraces(c *specs.TracesConfig) (err error) {
	if c == nil {
		return nil
	}
	o := tracing.Options{
		Endpoint: c.Endpoint.Value, Sample: c.Sample, Timeout: c.Timeout, Service: c.Service.Value, Version: readVersion().Version,
		Headers: map[string]string{}, Log: h.log,
	}
	for _, header := range c.Headers {
		o.Headers[header.Name] = header.Value.Value
	}
	h.traces, err = tracing.New(o)
	return err
}

// tracer is the tracer for the gateway, nil if there is none.
func (h *house) tracer() gateway.Tracer {
	if h.traces == nil {
		return nil
	}
	return h.traces
}

func (h *house) endTraces() {
	if h.traces == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), lastTraces)
	defer cancel()
	if err := h.traces.Close(ctx); err != nil {
		h.log.Warn("traces are lost at the end", "error", err.Error())
	}
}

// caching is how the answers of an operation may be kept.
func caching(c *specs.CacheSpec) *gateway.Caching {
	if c == nil {
		return nil
	}
	return &gateway.Caching{Apps: c.Apps, Gateway: c.Gateway, AllCallers: c.AllCallers, Coalesce: c.Coalesce}
}

// hold refuses all calls to a backend, or ends that; false if there is no such backend.
func (h *house) hold(backend string, held bool) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	g := h.guards[backend]
	if g == nil {
		return false
	}
	h.held[backend] = held
	if held {
		g.Hold()
	} else {
		g.Release()
	}
	return true
}

// settings are those of a workspace with what the command line said in their place.
func (h *house) settings(p *plan) []specs.Setting {
	out := slices.Clone(p.ws.Config.Settings)
	for i, s := range out {
		if flag, ok := h.flags[s.Path]; ok {
			out[i] = flag
		}
	}
	return out
}

// pending reports that a workspace asks for what takes effect at the next start or handover only.
func (h *house) pending(p *plan) bool {
	c := p.ws.Config
	return !reflect.DeepEqual(startOnly(c.Gateway), startOnly(h.config.Gateway)) || !reflect.DeepEqual(withoutOrigins(c.Operations), withoutOrigins(h.config.Operations))
}

// withoutOrigins leaves out where in the file the values stand.
func withoutOrigins(c specs.OperationsConfig) specs.OperationsConfig {
	c.AdminToken.Pos = specs.Pos{}
	if c.Traces != nil {
		t := *c.Traces
		t.Pos, t.Endpoint.Pos, t.Service.Pos = specs.Pos{}, specs.Pos{}, specs.Pos{}
		t.Headers = slices.Clone(t.Headers)
		for i := range t.Headers {
			t.Headers[i].Value.Pos = specs.Pos{}
		}
		c.Traces = &t
	}
	return c
}
