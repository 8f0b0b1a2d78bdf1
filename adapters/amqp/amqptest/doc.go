// SPDX-License-Identifier: Apache-2.0

// Package amqptest starts real AMQP 1.0 brokers for tests: RabbitMQ, ActiveMQ Artemis and the example
// broker of Apache Qpid Proton, each on loopback, on ports that were free, with data of its own. They are installed and
// built by scripts/peers; a test that misses one skips and says so, or fails where
// LINTEL_REQUIRE_PEERS=1. Proxy stands between an adapter and a broker and breaks the wire.
package amqptest
