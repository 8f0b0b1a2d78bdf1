// SPDX-License-Identifier: Apache-2.0

//go:build !ibmmq

package main

import (
	"context"
	"fmt"

	"lintel/adapters"
	"lintel/specs"
)

// hasMQ tells whether this binary reaches queue managers of IBM MQ.
const hasMQ = false

// noMQ is the error of everything that would need IBM MQ.
func noMQ(what string, at specs.Pos) error {
	return fmt.Errorf("%s: %s is reached through IBM MQ, and this binary was built without IBM's client library: use one from make build-ibmmq or "+
		"adapters/ibmmq/Dockerfile (docs/reference/ibmmq.md says how); check, test and serve --simulate work with this one", at, what)
}

func newMQ(b *specs.Backend) (adapters.Adapter, error) {
	return nil, noMQ("the backend", b.MQ.Pos)
}

func newMQSource(c *specs.ListenerConfig) (adapters.Source, error) {
	return nil, noMQ("listener "+c.Name, c.MQ.Pos)
}

func diagnoseMQ(_ context.Context, b *specs.Backend, _ bool, step func(string, error)) error {
	err := noMQ(b.Name, b.MQ.Pos)
	step("client", err)
	return err
}
