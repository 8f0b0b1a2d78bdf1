// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"lintel/specs"
)

// metrics are all metrics of a Gateway, in a registry of their own. Label values come from the
// contract, the workspace and fixed words only.
type metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.HistogramVec
	exchanges *prometheus.CounterVec
	durations *prometheus.HistogramVec
	problems  *prometheus.CounterVec
	invalids  *prometheus.CounterVec
	reloads   *prometheus.CounterVec
	config    *prometheus.GaugeVec
	panics    prometheus.Counter
	// access counts authentications by result.
	access    map[string]prometheus.Counter
	unmatched [methodCount]*routeMetrics
}

// durationBuckets are those of the OpenTelemetry HTTP conventions, in seconds.
func durationBuckets() []float64 {
	return []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}
}

func newMetrics(g *Gateway) *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: durationBuckets()}, labels)
	}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	m.requests = histogram("http_server_request_duration_seconds", "Time from the head of a request to the end of its answer.",
		"http_route", "http_request_method", "http_response_status_code")
	m.exchanges = counter("lintel_backend_exchanges_total", "Exchanges with hosts by what became of them.",
		"backend", "operation", "fate", "kind", "outcome")
	m.durations = histogram("lintel_backend_request_duration_seconds", "Time of an exchange, waiting for a slot included.",
		"backend", "operation", "fate")
	m.problems = counter("lintel_problems_total", "Problems answered, by their type.", "problem")
	m.invalids = counter("lintel_response_invalid_total", "Answers that broke the contract.", "operation")
	m.reloads = counter("lintel_config_reload_total", "Tables of routes that were put in place or refused.", "result")
	m.config = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "lintel_config_info", Help: "Always 1; the label is the sum of the files of the workspace that is served."}, []string{"digest"})
	access := counter("lintel_authentications_total", "Calls of operations with security, by what became of the caller.", "result")
	m.access = map[string]prometheus.Counter{}
	for _, r := range accessResults() {
		m.access[r] = access.WithLabelValues(r)
	}
	m.panics = prometheus.NewCounter(prometheus.CounterOpts{Name: "lintel_panics_total", Help: "Panics caught while serving a call."})
	inFlight := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "lintel_requests_in_flight", Help: "Calls being served."},
		func() float64 { return float64(g.inFlight.Load()) })
	dropped := prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "lintel_log_dropped_total", Help: "Log lines dropped because their sink was slow, stuck or full."},
		func() float64 {
			if g.options.LogWriter == nil {
				return 0
			}
			return float64(g.options.LogWriter.Dropped())
		})
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "lintel_build_info", Help: "Always 1; the labels say what runs.",
		ConstLabels: prometheus.Labels{"version": g.options.Version, "go_version": runtime.Version()},
	})
	build.Set(1)
	m.registry.MustRegister(m.requests, m.exchanges, m.durations, m.problems, m.invalids, m.reloads, m.config, m.panics, access, inFlight, dropped, build,
		newBackendCollector(g.options.Backends), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(g.options.Collectors...)
	for i := range m.unmatched {
		m.unmatched[i] = &routeMetrics{all: m, method: methodNames()[i]}
	}
	return m
}

// routeMetrics holds the counters of one route, found once and kept, so that a call looks up no labels.
type routeMetrics struct {
	all                               *metrics
	template, method, id, backendName string
	// own and head are by status - 100.
	own, head [500]atomic.Pointer[prometheus.Observer]
	exchanges atomic.Pointer[[]exchangeMetric]
	grow      sync.Mutex
}

// exchangeMetric is the counter for one result of an exchange.
type exchangeMetric struct {
	fate, kind, outcome string
	count               prometheus.Counter
	seconds             prometheus.Observer
}

// maxExchangeMetrics bounds the results kept per route; further ones are looked up every time.
const maxExchangeMetrics = 64

func (m *metrics) route(op *specs.Operation, backend string) *routeMetrics {
	return &routeMetrics{all: m, template: op.Path, method: op.Method, id: op.ID, backendName: backend}
}

func (m *metrics) invalid(r *route) { m.invalids.WithLabelValues(r.Operation.ID).Inc() }

// observe counts one call.
func (m *metrics) observe(c *call, elapsed time.Duration) {
	method := c.r.Method
	r := m.unmatched[methodIndex(method)]
	if c.route != nil {
		r = c.route.metrics
	}
	r.request(method, c.status).Observe(elapsed.Seconds())
	if c.problem != "" {
		m.problems.WithLabelValues(c.problem).Inc()
	}
	if c.fate != "" {
		x := r.exchange(c.fate, c.hostKind, c.output.Outcome)
		x.count.Inc()
		x.seconds.Observe(c.took.Seconds())
	}
}

func (r *routeMetrics) request(method string, status int) prometheus.Observer {
	slots := &r.own
	if method == http.MethodHead && r.method == http.MethodGet {
		slots = &r.head
	} else {
		method = r.method
	}
	if status < 100 || status > 599 {
		status = 599
	}
	slot := &slots[status-100]
	if o := slot.Load(); o != nil {
		return *o
	}
	o := r.all.requests.WithLabelValues(r.template, method, statusLabel(status))
	slot.Store(&o)
	return o
}

func statusLabel(status int) string {
	return string([]byte{byte('0' + status/100), byte('0' + status/10%10), byte('0' + status%10)})
}

func (r *routeMetrics) exchange(fate, kind, outcome string) exchangeMetric {
	have := r.exchanges.Load()
	if x, ok := findExchange(have, fate, kind, outcome); ok {
		return x
	}
	r.grow.Lock()
	defer r.grow.Unlock()
	have = r.exchanges.Load()
	if x, ok := findExchange(have, fate, kind, outcome); ok {
		return x
	}
	x := exchangeMetric{
		fate, kind, outcome, r.all.exchanges.WithLabelValues(r.backendName, r.id, fate, kind, outcome),
		r.all.durations.WithLabelValues(r.backendName, r.id, fate),
	}
	var grown []exchangeMetric
	if have != nil {
		grown = append(grown, *have...)
	}
	if len(grown) < maxExchangeMetrics {
		grown = append(grown, x)
		r.exchanges.Store(&grown)
	}
	return x
}

func findExchange(list *[]exchangeMetric, fate, kind, outcome string) (exchangeMetric, bool) {
	if list != nil {
		for _, x := range *list {
			if x.fate == fate && x.kind == kind && x.outcome == outcome {
				return x, true
			}
		}
	}
	return exchangeMetric{}, false
}

// methodCount is the number of method labels: the known methods and one for all others.
const methodCount = 9

func methodNames() [methodCount]string {
	return [...]string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodOptions, http.MethodTrace, "_OTHER",
	}
}

func methodIndex(method string) int {
	for i, m := range methodNames() {
		if m == method {
			return i
		}
	}
	return methodCount - 1
}

// methodLabel is the method for log and metrics: callers may invent methods, label values they may not.
func methodLabel(method string) string { return methodNames()[methodIndex(method)] }
