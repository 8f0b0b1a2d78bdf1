// SPDX-License-Identifier: Apache-2.0

// Package tracing sends the traces of a gateway to an OpenTelemetry collector, by OTLP over HTTP.
//
// A gateway hands over a trace when its call is answered. It waits in a bounded queue for one goroutine
// that makes spans of it and gives them to the SDK's batcher. A collector that is slow, down or that
// hangs therefore costs no call anything: what does not fit into the queues is dropped and counted.
package tracing
