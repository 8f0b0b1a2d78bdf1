// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq

import (
	"context"
	"errors"
	"time"

	"github.com/ibm-messaging/mq-golang/v5/ibmmq"

	"lintel/adapters"
	"lintel/adapters/queue"
)

// Diagnose goes the way to a queue step by step, each told with its error, and ends at the first that fails: queue
// manager, TLS if it is asked for, authority, queue, reply queue, and a message to the own reply queue and back. Nothing
// is put on the host's queue, and nothing is taken from that of a listener. A call that does not come back in
// time is given up; it keeps its thread until it does.
func Diagnose(ctx context.Context, o Options, step func(name string, err error)) error {
	o.Datagram = o.Datagram || o.Listens
	if err := o.check(); err != nil {
		return err
	}
	steps := make(chan told)
	over := make(chan error, 1)
	go func() {
		over <- o.diagnose(func(name string, err error) error {
			select {
			case steps <- told{name, err}:
			case <-ctx.Done():
				return ctx.Err()
			}
			return err
		})
	}()
	last := "queue manager"
	for {
		select {
		case t := <-steps:
			step(t.name, t.err)
			last = after(t.name)
		case err := <-over:
			return err
		case <-ctx.Done():
			e := queue.Ended(ctx, adapters.NotSent, "the client library did not come back in time")
			step(last, e)
			return e
		}
	}
}

// told is a step that was gone.
type told struct {
	name string
	err  error
}

// after is what a step is followed by, for one that does not end.
func after(name string) string {
	switch name {
	case "queue":
		return "reply queue"
	case "reply queue":
		return "round trip"
	default:
		return "queue"
	}
}

func (o *Options) diagnose(tell func(name string, err error) error) error {
	m, err := o.connect()
	if err != nil {
		return tell(stepOf(reason(err)), failed(connecting, "no connection", err))
	}
	e := &end{manager: m}
	defer e.close()
	for _, name := range []string{"queue manager", "tls", "authority"} {
		if name == "tls" && o.KeyRepository == "" {
			continue
		}
		if err := tell(name, nil); err != nil {
			return err
		}
	}
	open, what := o.openTarget, "queue"
	if o.Listens {
		open = o.openListened
	}
	target, err := open(m)
	if err != nil {
		return tell(what, failed(connecting, "the queue cannot be opened", err))
	}
	_ = target.Close(0)
	if err := tell(what, nil); err != nil || o.Datagram {
		return err
	}
	replies, name, err := o.openReply(m)
	if err != nil {
		return tell("reply queue", failed(connecting, "the reply queue cannot be opened", err))
	}
	e.queue = replies
	if err := tell("reply queue", nil); err != nil {
		return err
	}
	return tell("round trip", o.roundTrip(e, name))
}

// openListened opens the queue of a listener.
func (o *Options) openListened(q *ibmmq.MQQueueManager) (ibmmq.MQObject, error) {
	d := ibmmq.NewMQOD()
	d.ObjectType, d.ObjectName = ibmmq.MQOT_Q, o.Queue
	return q.Open(d, ibmmq.MQOO_INPUT_SHARED)
}

// roundTrip puts a message on the reply queue and takes it.
func (o *Options) roundTrip(e *end, name string) error {
	d, md, p := ibmmq.NewMQOD(), ibmmq.NewMQMD(), ibmmq.NewMQPMO()
	d.ObjectType, d.ObjectName = ibmmq.MQOT_Q, name
	own := newID()
	md.CorrelId, md.Expiry, md.Format = own[:], 100, ibmmq.MQFMT_STRING
	md.Persistence = ibmmq.MQPER_NOT_PERSISTENT
	p.Options = ibmmq.MQPMO_NO_SYNCPOINT
	if err := e.manager.Put1(d, md, p, []byte("lintel doctor")); !worked(err) {
		return failed(putting, "no message can be put on the reply queue", err)
	}
	r := &reader{end: e, l: &link{a: &Adapter{opts: *o}}, buffer: make([]byte, 64)}
	for range 1 + int(5*time.Second/o.Slice) {
		_, _, err := r.get(&own)
		switch {
		case worked(err):
			return nil
		case reason(err) != ibmmq.MQRC_NO_MSG_AVAILABLE:
			return failed(getting, "the message did not come back", err)
		}
	}
	return errors.New("the message did not come back in time: does another program read the reply queue?")
}

// stepOf names the step that a failed connection ended at.
func stepOf(rc int32) string {
	switch rc {
	case ibmmq.MQRC_SSL_INITIALIZATION_ERROR, ibmmq.MQRC_KEY_REPOSITORY_ERROR, ibmmq.MQRC_SSL_CERT_STORE_ERROR, ibmmq.MQRC_SSL_PEER_NAME_MISMATCH,
		ibmmq.MQRC_SSL_PEER_NAME_ERROR, ibmmq.MQRC_SSL_NOT_ALLOWED, ibmmq.MQRC_UNSUPPORTED_CIPHER_SUITE, ibmmq.MQRC_SSL_CERTIFICATE_REVOKED, ibmmq.MQRC_SSL_ALT_PROVIDER_REQUIRED:
		return "tls"
	case ibmmq.MQRC_NOT_AUTHORIZED, ibmmq.MQRC_SECURITY_ERROR, ibmmq.MQRC_CHANNEL_BLOCKED:
		return "authority"
	}
	return "queue manager"
}
