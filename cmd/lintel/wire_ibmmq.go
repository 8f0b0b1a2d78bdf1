// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package main

import (
	"cmp"
	"context"

	"lintel/adapters"
	"lintel/adapters/ibmmq"
	"lintel/specs"
	"lintel/transforms/codepage"
)

// hasMQ tells whether this binary reaches queue managers of IBM MQ.
const hasMQ = true

func newMQ(b *specs.Backend) (adapters.Adapter, error) { return ibmmq.New(mqOptions(b)) }

func newMQSource(c *specs.ListenerConfig) (adapters.Source, error) {
	b := c.Backend()
	b.Concurrency.Max = c.Workers
	return ibmmq.NewSource(mqOptions(b))
}

// diagnoseMQ goes the way to a queue step by step; one of a listener is read, and nothing is taken.
func diagnoseMQ(ctx context.Context, b *specs.Backend, listens bool, step func(string, error)) error {
	o := mqOptions(b)
	o.Listens = listens
	return ibmmq.Diagnose(ctx, o, step)
}

// mqOptions are the options of an mq section. Bodies are in the code page of the backend, unless it says otherwise.
func mqOptions(b *specs.Backend) ibmmq.Options {
	c := b.MQ
	o := ibmmq.Options{
		QueueManager: c.QueueManager.Value, Channel: c.Channel.Value, Connection: c.Connection.Value, CCDT: c.CCDT.Value,
		User: c.Login.User.Value, Password: c.Login.Password.Value, Token: c.Login.Token.Value, Application: c.Application.Value,
		Queue: c.Queue.Value, QueueOwner: c.QueueOwner.Value, ReplyQueue: c.ReplyTo.Value, Model: c.Model.Value, Shared: c.Shared,
		ReplyOwner: c.ReplyOwner.Value, Datagram: c.Datagram, Syncpoint: c.Syncpoint, Quarantine: c.Quarantine.Value,
		Format: c.Format.Value, CCSID: int32(c.CCSID), Encoding: int32(c.Encoding), Persistent: c.Persistent, //nolint:gosec // specs bounds them
		Properties: c.Properties, Identity: c.Identity, Trace: c.Trace, Putters: c.Putters, Getters: cmp.Or(c.Getters, b.Concurrency.Max),
		MaxReply: int(c.MaxReply), Slice: c.Wait,
	}
	if c.Correlation == "correlationId" {
		o.Correlation = ibmmq.CorrelationID
	}
	if t := c.TLS; t != nil {
		o.CipherSpec, o.KeyRepository, o.KeyPassword, o.Label, o.Peer = t.CipherSpec.Value, t.KeyRepository.Value, t.Password.Value, t.Label.Value, t.Peer.Value
	}
	if page, err := codepage.Lookup(b.CodePage.Value); err == nil && o.CCSID == 0 {
		o.CCSID = int32(page.CCSID()) //nolint:gosec // five digits at most
	}
	return o
}
