// SPDX-License-Identifier: Apache-2.0

package adapters

import (
	"fmt"
	"time"
)

// Defaults of GuardOptions and BreakerOptions. A breaker's longest open time defaults to four times
// its first, a queue to four times the slots.
const (
	DefaultTimeout     = 5 * time.Second
	DefaultMax         = 32
	DefaultWait        = 100 * time.Millisecond
	DefaultWindow      = 30 * time.Second
	DefaultFailures    = 50
	DefaultSlowRatio   = 80
	DefaultMinimum     = 20
	DefaultOpen        = 10 * time.Second
	DefaultPingEvery   = 5 * time.Second
	DefaultPingTimeout = 2 * time.Second
	defaultQueueFactor = 4
	defaultOpenFactor  = 4
	mostSlots          = 1 << 16
)

// GuardOptions are the limits of one backend. The zero value stands for the defaults.
type GuardOptions struct {
	// Timeout bounds one exchange, wait for a slot included, unless the Call names its own.
	Timeout time.Duration
	// Max is how many exchanges run at once.
	Max int
	// Wait is how long a call waits for a slot; negative means that it does not wait.
	Wait time.Duration
	// Queue is how many calls may wait; negative means none. Lanes get slots in turn, within a lane
	// its clients, and each client's calls in their order.
	Queue int
	// Adapt lets the number of exchanges at once follow what the host can do, between this and Max;
	// 0 means that it is always Max.
	Adapt int
	// Retries is how often a request that was provably not sent is tried again, at most MaxRetries.
	// Retries and hedges together are kept to a tenth of the calls.
	Retries int
	// Breaker says when the host is taken for down.
	Breaker BreakerOptions
	// Observer, if set, learns of changes of the breaker.
	Observer Observer
	// Late, if set, gets replies that no exchange waits for, where the wire tells whose they are.
	Late Late
}

// BreakerOptions say when a breaker opens and closes. The zero value stands for the defaults.
type BreakerOptions struct {
	// Window is the rolling time over which completed calls are counted, at least the backend's
	// Timeout. 0 means DefaultWindow or four timeouts, whichever is longer.
	Window time.Duration
	// Failures opens the breaker at this percentage of failed calls, 1 to 100.
	Failures int
	// SlowOver and SlowRatio open it when this percentage of calls took longer; SlowOver 0 means off.
	SlowOver  time.Duration
	SlowRatio int
	// Minimum is how many calls must have completed in the window before it can open.
	Minimum int
	// Open is how long it stays open at first. The time doubles with every failed probe up to
	// MaxOpen, and up to a fifth is added at random, so that several gateways do not probe in step.
	Open, MaxOpen time.Duration
	// PingEvery is the longest pause between pings of a Guard that has one, from the beginning of one to
	// that of the next. The first is sent when the open time is over; then the pauses double from Open up to
	// this, and up to a fifth is taken off at random.
	PingEvery time.Duration
	// PingTimeout bounds a ping, at most PingEvery. 0 means DefaultPingTimeout, or the Guard's Timeout or
	// PingEvery if that is shorter.
	PingTimeout time.Duration
	// Ramp raises the number of slots from one to Max over this time after it closed; 0 means off.
	Ramp time.Duration
}

func (o GuardOptions) withDefaults() GuardOptions {
	o.Timeout = orDefault(o.Timeout, DefaultTimeout)
	o.Max = orDefault(o.Max, DefaultMax)
	o.Wait = orDefault(o.Wait, DefaultWait)
	o.Queue = orDefault(o.Queue, defaultQueueFactor*o.Max)
	b := &o.Breaker
	b.Window = orDefault(b.Window, max(DefaultWindow, 4*o.Timeout))
	b.Failures = orDefault(b.Failures, DefaultFailures)
	b.SlowRatio = orDefault(b.SlowRatio, DefaultSlowRatio)
	b.Minimum = orDefault(b.Minimum, DefaultMinimum)
	b.Open = orDefault(b.Open, DefaultOpen)
	b.MaxOpen = orDefault(b.MaxOpen, defaultOpenFactor*b.Open)
	b.PingEvery = orDefault(b.PingEvery, DefaultPingEvery)
	b.PingTimeout = orDefault(b.PingTimeout, min(DefaultPingTimeout, o.Timeout, b.PingEvery))
	return o
}

func orDefault[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}

// check refuses what cannot work. It is called after withDefaults.
func (o GuardOptions) check() error {
	b := o.Breaker
	switch {
	case o.Timeout < 0:
		return fmt.Errorf("timeout %v is negative", o.Timeout)
	case o.Max < 0 || o.Max > mostSlots:
		return fmt.Errorf("concurrency max %d is not between 1 and %d", o.Max, mostSlots)
	case o.Adapt < 0 || o.Adapt > o.Max:
		return fmt.Errorf("concurrency adapts down to %d, which is not between 1 and its max %d", o.Adapt, o.Max)
	case o.Retries < 0 || o.Retries > MaxRetries:
		return fmt.Errorf("%d retries are not between 0 and %d", o.Retries, MaxRetries)
	case b.Window < o.Timeout:
		return fmt.Errorf("breaker window %v is shorter than the timeout %v: calls that hang would outlast it", b.Window, o.Timeout)
	case b.Failures < 0 || b.Failures > 100:
		return fmt.Errorf("breaker failures %d%% is not between 1 and 100", b.Failures)
	case b.SlowRatio < 0 || b.SlowRatio > 100:
		return fmt.Errorf("breaker slow ratio %d%% is not between 1 and 100", b.SlowRatio)
	case b.SlowOver < 0 || b.Minimum < 0 || b.Ramp < 0:
		return fmt.Errorf("breaker slow %v, minimum %d and ramp %v cannot be negative", b.SlowOver, b.Minimum, b.Ramp)
	case b.Open < time.Millisecond || b.MaxOpen < b.Open:
		return fmt.Errorf("breaker open %v must be at least 1ms and at most its limit %v", b.Open, b.MaxOpen)
	case b.PingEvery < time.Millisecond || b.PingTimeout < 0 || b.PingTimeout > b.PingEvery:
		return fmt.Errorf("ping timeout %v must be at most the pause %v between pings, and that at least 1ms", b.PingTimeout, b.PingEvery)
	}
	return nil
}
