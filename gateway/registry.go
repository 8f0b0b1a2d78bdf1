// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"github.com/prometheus/client_golang/prometheus"
)

// metricsRegistry makes metrics and remembers what they are, for the reference.
type metricsRegistry struct {
	*prometheus.Registry
	docs []metricDoc
}

// metricDoc is a metric as the reference has it.
type metricDoc struct {
	name, kind, help string
	labels           []string
}

// durationBuckets are those of the OpenTelemetry HTTP conventions, in seconds.
func durationBuckets() []float64 {
	return []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}
}

func (r *metricsRegistry) note(kind, name, help string, labels []string) {
	r.docs = append(r.docs, metricDoc{name, kind, help, labels})
}

func (r *metricsRegistry) histogram(name, help string, labels ...string) *prometheus.HistogramVec {
	return r.histogramIn(name, help, durationBuckets(), labels...)
}

func (r *metricsRegistry) histogramIn(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	r.note("histogram", name, help, labels)
	v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
	r.MustRegister(v)
	return v
}

func (r *metricsRegistry) counter(name, help string, labels ...string) *prometheus.CounterVec {
	r.note("counter", name, help, labels)
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	r.MustRegister(v)
	return v
}

func (r *metricsRegistry) gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	r.note("gauge", name, help, labels)
	v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
	r.MustRegister(v)
	return v
}

// gaugeOf is a gauge that is asked for at each scrape.
func (r *metricsRegistry) gaugeOf(name, help string, value func() float64) {
	r.note("gauge", name, help, nil)
	r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
}

// counterOf is a counter that is kept elsewhere.
func (r *metricsRegistry) counterOf(name, help string, value func() float64) {
	r.note("counter", name, help, nil)
	r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, value))
}

// TraceCounts are what became of the traces of calls since the start.
type TraceCounts struct{ Exported, Dropped, Failed uint64 }

// traceCounter is a Tracer that counts.
type traceCounter interface{ Counts() TraceCounts }

// traces shows the counts of a tracer, if it has some.
func (r *metricsRegistry) traces(t Tracer) {
	const name, help = "lintel_traces_total", "Traces of calls: exported to the collector, dropped because too many waited, or failed with the post that held them."
	r.note("counter", name, help, []string{"result"})
	counter, ok := t.(traceCounter)
	if !ok {
		return
	}
	for result, value := range map[string]func(TraceCounts) uint64{
		"exported": func(c TraceCounts) uint64 { return c.Exported },
		"dropped":  func(c TraceCounts) uint64 { return c.Dropped },
		"failed":   func(c TraceCounts) uint64 { return c.Failed },
	} {
		r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: prometheus.Labels{"result": result}},
			func() float64 { return float64(value(counter.Counts())) }))
	}
}

// backends shows the states of backends.
func (r *metricsRegistry) backends(source StateSource) {
	r.MustRegister(newBackendCollector(source, r.note))
}
