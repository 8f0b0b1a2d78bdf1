// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"lintel/gateway/listener"
	"lintel/specs"
)

// hearing is the listeners that run.
type hearing struct {
	mu      sync.Mutex
	running map[string]*listener.Listener
	cancel  context.CancelFunc
	done    sync.WaitGroup
}

// listeners lists those that run, for metrics.
func (h *hearing) listeners() map[string]*listener.Listener {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.running
}

// stop ends the listeners: deliveries under way finish, what waits goes back to its queue.
func (h *hearing) stop() {
	h.mu.Lock()
	cancel := h.cancel
	h.running, h.cancel = nil, nil
	h.mu.Unlock()
	if cancel != nil {
		cancel()
	}
	h.done.Wait()
}

// start starts the listeners of a workspace in the place of those that run. No message is lost between: what
// the old ones had not delivered is in the queue again.
func (h *hearing) start(p *plan, of *house, log logging) error {
	next := map[string]*listener.Listener{}
	var errs []error
	for _, l := range p.listeners {
		made, err := l.newListener(p.ws, of.gateway, of.recording.tape, log, min(p.ws.Config.Gateway.Drain, longestGrace))
		errs = append(errs, err)
		next[l.config.Name] = made
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	h.stop()
	h.mu.Lock()
	defer h.mu.Unlock()
	var ctx context.Context
	ctx, h.cancel = context.WithCancel(context.Background())
	h.running = next
	for _, l := range next {
		h.done.Go(func() { l.Run(ctx) })
	}
	return nil
}

func queueOf(c *specs.ListenerConfig) string {
	if c.MQ != nil {
		return c.MQ.Queue.Value
	}
	return c.AMQP.Queue.Value
}

// longestGrace bounds how long a reload waits for deliveries under way.
const longestGrace = 10 * time.Second

// listeners returns the listeners of a workspace, each with a broker in memory in place of the real one if the
// simulation is on.
func (s *simulation) listeners(compiled *plan) error {
	if !s.on {
		return nil
	}
	for _, l := range compiled.listeners {
		if s.address != nil && l.config.MQ != nil {
			s.tell(fmt.Sprintf("no queue for %s: a queue of IBM MQ is simulated only for a gateway in the same process: lintel dev, or lintel serve --simulate", l.config.Name))
			continue
		}
		b, err := s.listener(compiled.ws, l.config)
		if err != nil {
			return &exitError{code: exitLoad, err: fmt.Errorf("simulated queue for listener %s: %w", l.config.Name, err)}
		}
		c, a := *l.config, *simulatedAMQP(l.config.AMQP, l.config.MQ)
		a.SASL = specs.SASLConfig{Mechanism: "anonymous"}
		address, t := b.reached(c.EncryptedHost(), a.TLS)
		a.Addresses, a.TLS = []specs.Text{{Value: address}}, t
		if c.MQ != nil {
			c.Simulated = "mq"
		}
		c.AMQP, c.MQ = &a, nil
		l.config = &c
	}
	return nil
}
