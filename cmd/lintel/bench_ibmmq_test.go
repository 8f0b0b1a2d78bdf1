// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package main

import (
	"context"
	"testing"

	"lintel/adapters/ibmmq/mqitest"
)

// BenchmarkGatewayMQ is the gateway over the stand-in for IBM MQ against mq-golang alone, put and get by one goroutine
// with a connection of its own for each caller.
func BenchmarkGatewayMQ(b *testing.B) {
	control := mqitest.Connect(b, "control")
	mqitest.Tell(b, control, "START; HEAL; DEFINE QMODEL(SYSTEM.DEFAULT.MODEL.QUEUE)")
	queue := mqitest.Echoes(b)
	h := benchHouseOf(b, overQueue(b, "mq: {queue: "+queue+"}"), "")
	exchange, body := mqitest.Requesters(b, queue, 64), benchRecord(b)
	againstRequester(b, serveHTTP(b, h.gateway), func(_ context.Context, w int) error { return exchange(w, body) })
}
