// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"reflect"

	"lintel/adapters"
	"lintel/adapters/amqp"
	"lintel/adapters/hosthttp"
	"lintel/adapters/tcp"
	"lintel/specs"
)

// newGuard makes the adapter of a backend and its guard; observer learns of changes of its breaker, late of
// replies that nobody waits for.
func newGuard(fsys fs.FS, b *specs.Backend, observer adapters.Observer, late adapters.Late) (*adapters.Guard, error) {
	a, err := newAdapter(fsys, b)
	if err != nil {
		return nil, fmt.Errorf("backend %s: %w", b.Name, err)
	}
	o := guardOptions(b)
	o.Observer, o.Late = observer, late
	return adapters.NewGuard(b.Name, a, o)
}

// guardOptions is what lintel.yaml says about the guard of a backend.
func guardOptions(b *specs.Backend) adapters.GuardOptions {
	br, ping := b.Breaker, specs.PingConfig{}
	if br.Ping != nil {
		ping = *br.Ping
	}
	return adapters.GuardOptions{
		Timeout: b.Timeout, Max: b.Concurrency.Max, Wait: b.Concurrency.Wait, Queue: b.Concurrency.Queue,
		Adapt: b.Concurrency.Min, Retries: b.Retries,
		Breaker: adapters.BreakerOptions{
			Window: br.Window, Failures: br.Failures, SlowOver: br.SlowOver, SlowRatio: br.SlowRatio,
			Minimum: br.Minimum, Open: br.Open, MaxOpen: br.MaxOpen, Ramp: max(br.Ramp, 0),
			PingEvery: ping.Every, PingTimeout: ping.Timeout,
		},
	}
}

// newAdapter is the one list of wires.
func newAdapter(fsys fs.FS, b *specs.Backend) (adapters.Adapter, error) {
	t, err := tlsConfig(fsys, tlsOf(b))
	if err != nil {
		return nil, err
	}
	switch {
	case b.TCP != nil:
		return endpoints(b.TCP.Addresses, b.TCP.Spread, func(address string) (adapters.Adapter, error) {
			return tcp.New(tcp.Options{
				Address: address, Frame: frameOf(b), Connect: b.TCP.Connect, Idle: b.TCP.Idle,
				MaxReply: int(b.TCP.MaxReply), MaxIdle: b.Concurrency.Max, TLS: t,
			})
		})
	case b.HTTP != nil:
		h := b.HTTP
		headers := make(map[string]string, len(h.Headers))
		for _, x := range h.Headers {
			headers[x.Name] = x.Value.Value
		}
		around, err := aroundSOAP(fsys, b)
		if err != nil {
			return nil, err
		}
		return endpoints(h.URLs, h.Spread, func(url string) (adapters.Adapter, error) {
			a, err := hosthttp.New(hosthttp.Options{
				URL: url, Method: h.Method, Headers: headers, Messages: h.Messages, NotApplied: h.NotApplied, Gzip: h.Gzip,
				MaxReply: int(h.MaxReply), Connect: h.Connect, Idle: h.Idle, MaxIdle: b.Concurrency.Max, TLS: t,
			})
			if err != nil {
				return nil, err
			}
			return around(a), nil
		})
	case b.AMQP != nil:
		return endpoints(b.AMQP.Addresses, b.AMQP.Spread, func(address string) (adapters.Adapter, error) {
			a, err := amqp.New(amqpOptions(b.AMQP, address, b.Concurrency.Max, t))
			if err == nil && b.Wire == "mq" {
				return &simulatedMQ{a}, nil
			}
			return a, err
		})
	case b.MQ != nil:
		return newMQ(b)
	default:
		return nil, errors.New("no wire is configured")
	}
}

// newSource makes the source of a listener.
func newSource(fsys fs.FS, c *specs.ListenerConfig) (adapters.Source, error) {
	if c.MQ != nil {
		return newMQSource(c)
	}
	t, err := tlsConfig(fsys, c.AMQP.TLS)
	if err != nil {
		return nil, err
	}
	s, err := amqpSource(c.AMQP, c.Workers, t)
	if err == nil && c.Simulated == "mq" {
		return &simulatedMQSource{s}, nil
	}
	return s, err
}

// endpoints makes one adapter of those for several addresses.
func endpoints(addresses []specs.Text, spread bool, open func(address string) (adapters.Adapter, error)) (adapters.Adapter, error) {
	if len(addresses) == 1 {
		return open(addresses[0].Value)
	}
	var list []adapters.Endpoint
	for _, a := range addresses {
		one, err := open(a.Value)
		if err != nil {
			return nil, err
		}
		list = append(list, adapters.Endpoint{Name: a.Value, Adapter: one})
	}
	return adapters.NewEndpoints(spread, list...)
}

// sameBackend reports whether two backends say the same, wherever they say it. One with TLS or WS-Security never does: its
// files may have changed; nor one with a login by a token, which is to be read again.
func sameBackend(a, b *specs.Backend) bool {
	for _, x := range []*specs.Backend{a, b} {
		if tlsOf(x) != nil || securityOf(x) != nil || x.MQ != nil && (x.MQ.TLS != nil || x.MQ.Login.Token.Value != "") {
			return false
		}
	}
	return sameSaid(reflect.ValueOf(*a), reflect.ValueOf(*b))
}

// sameSaid compares two values of the same type, but for places.
func sameSaid(a, b reflect.Value) bool {
	switch {
	case a.Type() == reflect.TypeFor[specs.Pos]():
		return true
	case a.Kind() == reflect.Pointer:
		return a.IsNil() == b.IsNil() && (a.IsNil() || sameSaid(a.Elem(), b.Elem()))
	case a.Kind() == reflect.Struct:
		for i := range a.NumField() {
			if !sameSaid(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case a.Kind() == reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !sameSaid(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	default:
		return a.Equal(b)
	}
}

// tlsOf is the TLS section of a backend's wire, or nil.
func tlsOf(b *specs.Backend) *specs.TLSConfig {
	switch {
	case b.TCP != nil:
		return b.TCP.TLS
	case b.HTTP != nil:
		return b.HTTP.TLS
	case b.AMQP != nil:
		return b.AMQP.TLS
	default:
		return nil
	}
}
