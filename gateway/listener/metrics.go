// SPDX-License-Identifier: Apache-2.0

package listener

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"lintel/adapters"
)

// counters are what one listener counts.
type counters struct {
	failures atomic.Uint64

	mu      sync.Mutex
	results map[string]uint64
	// open are the messages that were taken and not settled: when each was made, or taken.
	open map[uint64]time.Time
	took time.Duration
}

func newCounters() *counters {
	return &counters{results: map[string]uint64{}, open: map[uint64]time.Time{}}
}

// take notes a message. Its age counts from when it was made, where that is known.
func (c *counters) take(number uint64, made time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); made.IsZero() || made.After(now) {
		made = now
	}
	c.open[number] = made
}

func (c *counters) done(number uint64, result string, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.open, number)
	c.results[result]++
	c.took += took
}

func (c *counters) count(result string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.results[result]++
}

// Stats is the state of a listener.
type Stats struct {
	// Open is how many messages were taken and not settled, Age how old the oldest of them is.
	Open int           `json:"open"`
	Age  time.Duration `json:"-"`
	// Depth is how many messages wait on the queue, the open ones included; nil where nobody tells.
	Depth *int64 `json:"depth,omitempty"`
	// Results counts messages by what became of them: done, backout, dead, back, unsettled; and retried
	// attempts.
	Results map[string]uint64 `json:"results"`
	// Failures counts attempts to take a message that failed.
	Failures uint64 `json:"failures"`
}

// Stats gives the counters.
func (l *Listener) Stats() Stats {
	c := l.metrics
	c.mu.Lock()
	defer c.mu.Unlock()
	s := Stats{Open: len(c.open), Results: map[string]uint64{}, Failures: c.failures.Load()}
	for _, made := range c.open {
		s.Age = max(s.Age, time.Since(made))
	}
	for k, v := range c.results {
		s.Results[k] = v
	}
	if b, ok := l.opts.Source.(adapters.Backlog); ok {
		if n, known := b.Backlog(); known {
			s.Depth = &n
		}
	}
	return s
}

// Collector makes metrics of listeners at the moment of a scrape. Source lists them by name.
type Collector struct {
	Source func() map[string]*Listener
}

// desc describes one metric.
func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, append([]string{"listener"}, labels...), nil)
}

// Describe implements prometheus.Collector. It describes nothing, since listeners come and go.
func (c *Collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	open := desc("lintel_listener_open", "Messages that were taken and not settled.")
	age := desc("lintel_listener_age_seconds", "Age of the oldest message that was taken and not settled.")
	depth := desc("lintel_listener_depth", "Messages on the queue, as its queue manager last told.")
	total := desc("lintel_listener_messages_total", "Messages by what became of them, and attempts that were retried.", "result")
	failures := desc("lintel_listener_failures_total", "Attempts to take a message that failed.")
	for name, l := range c.Source() {
		s := l.Stats()
		ch <- prometheus.MustNewConstMetric(open, prometheus.GaugeValue, float64(s.Open), name)
		ch <- prometheus.MustNewConstMetric(age, prometheus.GaugeValue, s.Age.Seconds(), name)
		if s.Depth != nil {
			ch <- prometheus.MustNewConstMetric(depth, prometheus.GaugeValue, float64(*s.Depth), name)
		}
		ch <- prometheus.MustNewConstMetric(failures, prometheus.CounterValue, float64(s.Failures), name)
		for result, n := range s.Results {
			ch <- prometheus.MustNewConstMetric(total, prometheus.CounterValue, float64(n), name, result)
		}
	}
}
