// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"lintel/adapters"
)

// StateSource tells the state of every backend.
type StateSource interface {
	// BackendStates returns, by the name of the backend, an adapters.State or any other value that
	// encodes to JSON. Only the former becomes metrics.
	BackendStates() map[string]any
}

// backendView is an adapters.State as the admin port shows it.
type backendView struct {
	Breaker   string     `json:"breaker"`
	Since     time.Time  `json:"since"`
	Reason    string     `json:"reason,omitempty"`
	Until     *time.Time `json:"until,omitempty"`
	InFlight  int        `json:"inFlight"`
	Waiting   int        `json:"waiting"`
	Limit     int        `json:"limit"`
	Completed int        `json:"completed"`
	Failed    int        `json:"failed"`
	Slow      int        `json:"slow"`
	LastError *errorView `json:"lastError,omitempty"`
	Totals    totalsView `json:"totals"`
	// Ping is there if the breaker has one.
	Ping *pingView `json:"ping,omitempty"`
	// Endpoints are there if the host has several.
	Endpoints []endpointView `json:"endpoints,omitempty"`
}

// pingView is an adapters.PingState.
type pingView struct {
	Next      *time.Time `json:"next,omitempty"`
	Last      string     `json:"last,omitempty"`
	LastAt    *time.Time `json:"lastAt,omitempty"`
	Succeeded uint64     `json:"succeeded"`
	Failed    uint64     `json:"failed"`
	Excluded  uint64     `json:"excluded"`
}

type endpointView struct {
	Address string     `json:"address"`
	Resting bool       `json:"resting"`
	Until   *time.Time `json:"until,omitempty"`
	Used    uint64     `json:"used"`
	Failed  uint64     `json:"failed"`
}

type errorView struct {
	At    time.Time `json:"at"`
	Fate  string    `json:"fate"`
	Kind  string    `json:"kind"`
	Error string    `json:"error"`
}

type totalsView struct {
	Started   uint64 `json:"started"`
	Succeeded uint64 `json:"succeeded"`
	Failed    uint64 `json:"failed"`
	Excluded  uint64 `json:"excluded"`
	Refused   uint64 `json:"refused"`
	Busy      uint64 `json:"busy"`
	Short     uint64 `json:"short"`
	Retried   uint64 `json:"retried"`
	Hedged    uint64 `json:"hedged"`
}

func viewOf(s adapters.State) backendView {
	v := backendView{
		Breaker: s.Breaker.String(), Since: s.Since, Reason: s.Reason, InFlight: s.Inflight,
		Waiting: s.Waiting, Limit: s.Limit, Completed: s.Completed, Failed: s.Failed, Slow: s.Slow,
		Totals: totalsView(s.Totals), Until: timeOrNil(s.Until),
	}
	if p := s.Ping; p != nil {
		v.Ping = &pingView{Next: timeOrNil(p.Next), Last: p.Last, LastAt: timeOrNil(p.LastAt), Succeeded: p.Succeeded, Failed: p.Failed, Excluded: p.Excluded}
	}
	for _, e := range s.Endpoints {
		one := endpointView{Address: e.Name, Resting: e.Resting, Used: e.Used, Failed: e.Failed}
		if e.Resting {
			one.Until = &e.Until
		}
		v.Endpoints = append(v.Endpoints, one)
	}
	if e := s.LastError; e != nil {
		v.LastError = &errorView{At: s.LastErrorAt, Fate: e.Fate.String(), Kind: e.Kind.String(), Error: e.Error()}
	}
	return v
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// backendStates returns the states as they are shown.
func (g *Gateway) backendStates() map[string]any {
	out := map[string]any{}
	if g.options.Backends == nil {
		return out
	}
	for name, state := range g.options.Backends.BackendStates() {
		if s, ok := state.(adapters.State); ok {
			state = viewOf(s)
		}
		out[name] = state
	}
	return out
}

var _ adapters.Observer = (*Gateway)(nil)

// BreakerChanged implements adapters.Observer: it logs and counts what an operator must know.
func (g *Gateway) BreakerChanged(c adapters.Change) {
	g.metrics.breakers.WithLabelValues(c.Backend, c.To.String()).Inc()
	level := slog.LevelInfo
	if c.To == adapters.Opened || c.To == adapters.Held {
		level = slog.LevelWarn
	}
	g.options.Log.LogAttrs(context.Background(), level, "breaker", slog.String("backend", c.Backend),
		slog.String("from", c.From.String()), slog.String("to", c.To.String()), slog.String("reason", c.Reason))
}

// backendCollector makes metrics of the states at the moment of a scrape.
type backendCollector struct {
	source                            StateSource
	state, inFlight, waiting, limit   *prometheus.Desc
	refused, busy, started, completed *prometheus.Desc
	short, retried, hedged, resting   *prometheus.Desc
	pings                             *prometheus.Desc
}

func newBackendCollector(source StateSource, note func(kind, name, help string, labels []string)) *backendCollector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		labels = append([]string{"backend"}, labels...)
		kind := "gauge"
		if strings.HasSuffix(name, "_total") {
			kind = "counter"
		}
		note(kind, name, help, labels)
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &backendCollector{
		source:    source,
		state:     desc("lintel_breaker_state", "1 for the state the breaker is in, 0 for the others.", "state"),
		inFlight:  desc("lintel_backend_inflight", "Exchanges that hold a slot."),
		waiting:   desc("lintel_backend_waiting", "Calls that wait for a slot."),
		limit:     desc("lintel_backend_limit", "Slots."),
		refused:   desc("lintel_breaker_rejected_total", "Calls that an open breaker or an operator's hold refused."),
		busy:      desc("lintel_backend_busy_total", "Calls that found no slot in time."),
		started:   desc("lintel_backend_started_total", "Calls that got a slot."),
		completed: desc("lintel_backend_completed_total", "Calls that had a slot, by what the breaker made of them.", "verdict"),
		short:     desc("lintel_backend_short_total", "Calls that had less time left than an exchange takes."),
		retried:   desc("lintel_backend_retried_total", "Requests sent again because they were provably not sent before."),
		hedged:    desc("lintel_backend_hedged_total", "Second attempts of safe calls that took long."),
		pings:     desc("lintel_breaker_pings_total", "Pings that the gateway sent while a breaker was open, by what it made of them: excluded ones told nothing of the host.", "verdict"),
		resting:   desc("lintel_endpoint_resting", "1 for an address of the host that is passed over for a while, 0 for the others.", "endpoint"),
	}
}

// Describe implements prometheus.Collector.
func (b *backendCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{b.state, b.inFlight, b.waiting, b.limit, b.refused, b.busy, b.started, b.completed, b.short, b.retried, b.hedged, b.resting, b.pings} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (b *backendCollector) Collect(ch chan<- prometheus.Metric) {
	if b.source == nil {
		return
	}
	for name, state := range b.source.BackendStates() {
		s, ok := state.(adapters.State)
		if !ok {
			continue
		}
		gauge := func(d *prometheus.Desc, v float64, labels ...string) {
			ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, append([]string{name}, labels...)...)
		}
		counter := func(d *prometheus.Desc, v uint64, labels ...string) {
			ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), append([]string{name}, labels...)...)
		}
		for _, w := range breakerStates() {
			v := 0.0
			if s.Breaker == w {
				v = 1
			}
			gauge(b.state, v, w.String())
		}
		gauge(b.inFlight, float64(s.Inflight))
		gauge(b.waiting, float64(s.Waiting))
		gauge(b.limit, float64(s.Limit))
		counter(b.refused, s.Totals.Refused)
		counter(b.busy, s.Totals.Busy)
		counter(b.started, s.Totals.Started)
		counter(b.short, s.Totals.Short)
		counter(b.retried, s.Totals.Retried)
		counter(b.hedged, s.Totals.Hedged)
		for _, e := range s.Endpoints {
			v := 0.0
			if e.Resting {
				v = 1
			}
			gauge(b.resting, v, e.Name)
		}
		if p := s.Ping; p != nil {
			counter(b.pings, p.Succeeded, "succeeded")
			counter(b.pings, p.Failed, "failed")
			counter(b.pings, p.Excluded, "excluded")
		}
		counter(b.completed, s.Totals.Succeeded, "succeeded")
		counter(b.completed, s.Totals.Failed, "failed")
		counter(b.completed, s.Totals.Excluded, "excluded")
	}
}

func breakerStates() []adapters.BreakerState {
	return []adapters.BreakerState{adapters.Closed, adapters.Opened, adapters.HalfOpen, adapters.Held}
}
