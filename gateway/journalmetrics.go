// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"lintel/gateway/journal"
)

// journalMetrics are the metrics of the journal and of what is in doubt.
type journalMetrics struct {
	idempotency    *prometheus.CounterVec
	newKeys        prometheus.Counter
	intents, ends  prometheus.Observer
	resolved       *prometheus.CounterVec
	degraded       prometheus.Counter
	contradictions prometheus.Counter
	lateReplies    *prometheus.CounterVec
	webhooks       *prometheus.CounterVec
}

func newJournalMetrics(r *metricsRegistry, g *Gateway) journalMetrics {
	one := func(name, help string) prometheus.Counter { return r.counter(name, help).WithLabelValues() }
	m := journalMetrics{
		idempotency:    r.counter("lintel_idempotency_total", "Calls of operations with idempotency keys, by what the key met: new, replayed, running, in-doubt, mismatch, expired, missing, invalid, unavailable.", "result"),
		resolved:       r.counter("lintel_doubts_resolved_total", "What the means of resolving doubts said.", "means", "result"),
		degraded:       one("lintel_journal_degraded_total", "Answers that were given though they could not be recorded in time."),
		contradictions: one("lintel_journal_contradictions_total", "Proofs that contradict what was known."),
		lateReplies:    r.counter("lintel_late_replies_total", "Replies that came when nobody waited any more: matched to their operation, lost (nothing could be made of them), duplicate (what is recorded, once more), differs (not what is recorded: an alarm), or foreign.", "result"),
		webhooks:       r.counter("lintel_webhooks_total", "Notifications of ended operations: delivered, to be tried again (retried), or given up (failed).", "result"),
	}
	seconds := r.histogramIn("lintel_journal_seconds", "Time to bring a record to stable storage: the intent of an exchange, or its end.", journalBuckets(), "record")
	j := g.options.Journal
	gauge := func(name, help string, value func(journal.Stats) float64) {
		r.gaugeOf(name, help, func() float64 {
			if j == nil {
				return 0
			}
			return value(j.Stats())
		})
	}
	gauge("lintel_journal_available", "1 while operations that change something can be recorded.", func(s journal.Stats) float64 {
		if s.Available {
			return 1
		}
		return 0
	})
	gauge("lintel_journal_in_doubt", "Operations in doubt.", func(s journal.Stats) float64 { return float64(s.InDoubt) })
	gauge("lintel_journal_contested", "Operations in doubt of which two proofs contradict each other: an operator has to decide.", func(s journal.Stats) float64 { return float64(s.Contested) })
	gauge("lintel_journal_owed", "Records that could not be written yet.", func(s journal.Stats) float64 { return float64(s.Owed) })
	gauge("lintel_journal_oldest_in_doubt_seconds", "Age of the oldest operation in doubt; 0 if there is none.", func(s journal.Stats) float64 {
		return since(g, s.Oldest)
	})
	count := func(name, help string, value func(journal.Written) uint64) {
		r.counterOf(name, help, func() float64 {
			if j == nil {
				return 0
			}
			return float64(value(j.Stats().Written))
		})
	}
	count("lintel_journal_records_total", "Records that the journal in files brought to stable storage: two for an operation, and two for each of its steps.", func(w journal.Written) uint64 { return w.Records })
	count("lintel_journal_groups_total", "Groups of records that were brought to stable storage by one sync.", func(w journal.Written) uint64 { return w.Groups })
	gauge("lintel_webhooks_waiting", "Notifications of ended operations that nobody took yet.", func(s journal.Stats) float64 { return float64(s.Untold) })
	gauge("lintel_webhooks_oldest_waiting_seconds", "Time since the operation ended of the notification that waits longest; 0 if none waits.", func(s journal.Stats) float64 {
		return since(g, s.OldestUntold)
	})
	if j != nil {
		m.intents, m.ends = seconds.WithLabelValues("intent"), seconds.WithLabelValues("end")
		m.newKeys = m.idempotency.WithLabelValues("new")
		m.begin()
	}
	return m
}

// since is the time that went by since a moment, in seconds; 0 if there was none.
func since(g *Gateway, t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return max(0, g.options.Now().Sub(t).Seconds())
}

func journalBuckets() []float64 {
	return []float64{0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5}
}

// begin makes the counters that are there from the start, at zero.
func (m *journalMetrics) begin() {
	for _, result := range []string{"new", "replayed", "running", "in-doubt", "mismatch", "expired", "missing", "invalid", "unavailable"} {
		m.idempotency.WithLabelValues(result)
	}
	for _, result := range []string{"matched", "lost", "duplicate", "differs", "foreign"} {
		m.lateReplies.WithLabelValues(result)
	}
	for _, result := range []string{"delivered", "retried", "failed"} {
		m.webhooks.WithLabelValues(result)
	}
	for _, result := range []string{"completed", "not-applied", "in-doubt"} {
		m.resolved.WithLabelValues("inquiry", result)
	}
}

// keys counts what a key met.
func (m *journalMetrics) keys(result string) { m.idempotency.WithLabelValues(result).Inc() }
