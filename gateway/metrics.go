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
	registry  *metricsRegistry
	requests  *prometheus.HistogramVec
	exchanges *prometheus.CounterVec
	durations *prometheus.HistogramVec
	problems  *prometheus.CounterVec
	invalids  *prometheus.CounterVec
	unread    *prometheus.CounterVec
	unnamed   *prometheus.CounterVec
	caches    *prometheus.CounterVec
	breakers  *prometheus.CounterVec
	reloads   *prometheus.CounterVec
	config    *prometheus.GaugeVec
	panics    prometheus.Counter
	undos     *prometheus.CounterVec
	fallbacks *prometheus.CounterVec
	// rateRefused counts by policy, shed by reason.
	rateRefused, shed      *prometheus.CounterVec
	rateAlone, turned, cut prometheus.Counter
	// access counts authentications by result.
	access    map[string]prometheus.Counter
	unmatched [methodCount]*routeMetrics
	journalMetrics
	transformMetrics
	// routes numbers the routes of all tables.
	routes atomic.Uint64
}

func newMetrics(g *Gateway) *metrics {
	r := &metricsRegistry{Registry: prometheus.NewRegistry()}
	m := &metrics{registry: r}
	m.requests = r.histogram("http_server_request_duration_seconds", "Time from the head of a request to the end of its answer. The route is empty where none was found.",
		"http_route", "http_request_method", "http_response_status_code")
	m.exchanges = r.counter("lintel_backend_exchanges_total", "Exchanges with hosts by what became of them: fate is not sent, not applied, applied or in doubt; kind the sort of trouble; outcome the rule of the transform that decided.",
		"backend", "operation", "fate", "kind", "outcome")
	m.durations = r.histogram("lintel_backend_request_duration_seconds", "Time of an exchange, waiting for a slot included.", "backend", "operation", "fate")
	m.problems = r.counter("lintel_problems_total", "Problems answered, by their type.", "problem")
	m.invalids = r.counter("lintel_response_invalid_total", "Answers that broke the contract.", "operation")
	m.unnamed = r.counter("lintel_reply_members_dropped_total", "Members of replies left out of answers because the contract does not name them.", "operation")
	m.unread = r.counter("lintel_reply_unreadable_fields_total", "Fields of replies that became null because their bytes cannot be read.", "backend", "operation")
	m.caches = r.counter("lintel_cache_total", "Calls of operations whose answers are kept or shared: hit and shared were answered without an exchange of their own, miss was not.", "operation", "result")
	m.breakers = r.counter("lintel_breaker_transitions_total", "Changes of breakers, by the state that was entered.", "backend", "state")
	m.reloads = r.counter("lintel_config_reload_total", "Workspaces that were put in place (ok) or refused.", "result")
	m.config = r.gauge("lintel_config_info", "Always 1; the label is the sum of the files of the workspace that is served.", "digest")
	m.rateRefused = r.counter("lintel_ratelimit_rejected_total", "Calls over a rate policy.", "policy")
	m.shed = r.counter("lintel_shed_total", "Calls refused at once because too many were being served: by the whole gateway, or by the backend.", "reason")
	for _, reason := range []string{shedAll, shedBackend} {
		m.shed.WithLabelValues(reason)
	}
	m.rateAlone = r.counter("lintel_ratelimit_alone_total", "Calls that were counted by this gateway alone because the shared counter did not answer.").WithLabelValues()
	m.turned = r.counter("lintel_connections_refused_total", "Connections closed at once because there were too many in use.").WithLabelValues()
	m.cut = r.counter("lintel_connections_cut_total", "Connections whose caller was slow or silent, closed to make room for others.").WithLabelValues()
	access := r.counter("lintel_authentications_total", "Calls of operations with security, by what became of the caller: ok, anonymous (where the contract lets callers choose), missing, invalid, scope (known, but without the scope or role), unavailable; and denied by an allow rule.", "result")
	m.access = map[string]prometheus.Counter{}
	for _, result := range accessResults() {
		m.access[result] = access.WithLabelValues(result)
	}
	m.fallbacks = r.counter("lintel_fallbacks_total", "Answers that did not come from the host they should: source is backend, last or static.", "operation", "source")
	m.undos = r.counter("lintel_undos_total", "Steps that were to be taken back: done, or open when the host did not acknowledge it in time.", "operation", "step", "result")
	m.panics = r.counter("lintel_panics_total", "Panics caught while serving a call.").WithLabelValues()
	r.gaugeOf("lintel_requests_in_flight", "Calls being served.", func() float64 { return float64(g.inFlight.Load()) })
	r.gaugeOf("lintel_cache_entries", "Answers that are kept.", func() float64 { n, _ := g.store.state(); return float64(n) })
	r.gaugeOf("lintel_cache_bytes", "Memory that they take.", func() float64 { _, n := g.store.state(); return float64(n) })
	r.counterOf("lintel_log_dropped_total", "Log lines dropped because their sink was slow, stuck or full.", func() float64 {
		if g.options.LogWriter == nil {
			return 0
		}
		return float64(g.options.LogWriter.Dropped())
	})
	m.journalMetrics = newJournalMetrics(r, g)
	m.transformMetrics = newTransformMetrics(r)
	r.traces(g.options.Tracer)
	r.gauge("lintel_build_info", "Always 1; the labels say what runs.", "version", "go_version").WithLabelValues(g.options.Version, runtime.Version()).Set(1)
	r.backends(g.options.Backends)
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	r.MustRegister(g.options.Collectors...)
	for i := range m.unmatched {
		m.unmatched[i] = &routeMetrics{all: m, method: methodNames()[i]}
	}
	return m
}

// routeMetrics holds the counters of one route, found once and kept, so that a call looks up no labels.
type routeMetrics struct {
	all                               *metrics
	template, method, id, backendName string
	transformed
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
	return &routeMetrics{all: m, template: op.Path, method: op.Method, id: op.ID, backendName: backend, transformed: m.transformMetrics.of(op, backend)}
}

func (m *metrics) cache(r *route, result string) {
	m.caches.WithLabelValues(r.Operation.ID, result).Inc()
}

func (m *metrics) dropped(r *route, n int) { m.unnamed.WithLabelValues(r.Operation.ID).Add(float64(n)) }

func (m *metrics) unreadable(r *route, n int) {
	m.unread.WithLabelValues(r.metrics.backendName, r.Operation.ID).Add(float64(n))
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
	m.exchanged(c)
}

// exchanged counts the exchange of a call, if there was one.
func (m *metrics) exchanged(c *call) {
	if c.fate == "" || c.route == nil || c.course != nil { // steps are counted one by one
		return
	}
	x := c.route.metrics.exchange(c.fate, c.hostKind, c.output.Outcome)
	x.count.Inc()
	x.seconds.Observe(c.took.Seconds())
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
