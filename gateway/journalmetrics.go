// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// journalMetrics are the metrics of the journal and of what is in doubt.
type journalMetrics struct {
	idempotency    *prometheus.CounterVec
	seconds        *prometheus.HistogramVec
	resolved       *prometheus.CounterVec
	degraded       prometheus.Counter
	contradictions prometheus.Counter
	lateReplies    *prometheus.CounterVec
	webhooks       *prometheus.CounterVec
}

func newJournalMetrics(r *prometheus.Registry, g *Gateway) journalMetrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	one := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	m := journalMetrics{
		idempotency: counter("lintel_idempotency_total", "Calls of operations with idempotency keys, by what their key met.", "result"),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "lintel_journal_seconds", Help: "Time to bring a record to stable storage.",
			Buckets: []float64{0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5},
		}, []string{"record"}),
		resolved:       counter("lintel_doubts_resolved_total", "What the means of resolving a doubt said.", "means", "result"),
		degraded:       one("lintel_journal_degraded_total", "Answers that were given though they could not be recorded in time."),
		contradictions: one("lintel_journal_contradictions_total", "Proofs that contradict each other."),
		lateReplies:    counter("lintel_late_replies_total", "Replies that came when nobody waited for them any more.", "result"),
		webhooks:       counter("lintel_webhooks_total", "Notifications of ended operations.", "result"),
	}
	r.MustRegister(m.idempotency, m.seconds, m.resolved, m.degraded, m.contradictions, m.lateReplies, m.webhooks)
	if j := g.options.Journal; j != nil {
		m.begin()
		gauge := func(name, help string, value func() float64) {
			r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
		}
		gauge("lintel_journal_available", "1 while unsafe exchanges can be recorded.", func() float64 {
			if j.Stats().Available {
				return 1
			}
			return 0
		})
		gauge("lintel_journal_in_doubt", "Operations in doubt.", func() float64 { return float64(j.Stats().InDoubt) })
		gauge("lintel_journal_contested", "Operations in doubt of which two proofs contradict each other.", func() float64 { return float64(j.Stats().Contested) })
		gauge("lintel_journal_owed", "Records that could not be written yet.", func() float64 { return float64(j.Stats().Owed) })
		gauge("lintel_journal_oldest_in_doubt_seconds", "Age of the oldest operation in doubt; 0 if there is none.", func() float64 {
			oldest := j.Stats().Oldest
			if oldest.IsZero() {
				return 0
			}
			return g.options.Now().Sub(oldest).Seconds()
		})
	}
	return m
}

// begin makes the counters that are there from the start, at zero.
func (m *journalMetrics) begin() {
	for _, result := range []string{"new", "replayed", "running", "in-doubt", "mismatch", "expired", "missing", "invalid", "unavailable"} {
		m.idempotency.WithLabelValues(result)
	}
	for _, result := range []string{"matched", "lost", "foreign"} {
		m.lateReplies.WithLabelValues(result)
	}
	for _, result := range []string{"delivered", "failed", "dropped"} {
		m.webhooks.WithLabelValues(result)
	}
	for _, result := range []string{"completed", "not-applied", "in-doubt"} {
		m.resolved.WithLabelValues("inquiry", result)
	}
	m.seconds.WithLabelValues("intent")
	m.seconds.WithLabelValues("end")
}

// keys counts what a key met.
func (m *journalMetrics) keys(result string) { m.idempotency.WithLabelValues(result).Inc() }

// recorded counts the time of a record.
func (m *journalMetrics) recorded(record string, took time.Duration) {
	m.seconds.WithLabelValues(record).Observe(took.Seconds())
}
