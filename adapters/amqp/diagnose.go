// SPDX-License-Identifier: Apache-2.0

package amqp

import (
	"context"
	"errors"
	"fmt"

	"github.com/Azure/go-amqp"
)

// Diagnose goes the way of a connection step by step, each told with its error, and ends at the first that fails:
// login, queue, reply address, and a message to the own reply address and back. Nothing is sent to the host's queue.
func Diagnose(ctx context.Context, o Options, step func(name string, err error)) error {
	return diagnose(ctx, &o, step, func(l *link) []check {
		checks := []check{
			{"queue", func(ctx context.Context) (err error) {
				l.sender, err = l.attach(ctx)
				return linked("the queue cannot be used", err)
			}},
			{"reply address", l.attachReplies},
			{"round trip", l.roundTrip},
		}
		if o.Datagram {
			return checks[:1]
		}
		return checks
	})
}

// DiagnoseSource is Diagnose for a Source that puts what it cannot use to another queue, backout, unless that is "": login,
// queue, backout. Nothing is taken and nothing put. A step that is told with an Unsure did not fail.
func DiagnoseSource(ctx context.Context, o Options, backout string, step func(name string, err error)) error {
	return diagnose(ctx, &o, step, func(l *link) []check {
		checks := []check{{"queue", func(ctx context.Context) error { return linked("the queue cannot be read", l.reads(ctx, o.Target)) }}}
		if backout != "" {
			checks = append(checks, check{"backout", func(ctx context.Context) error { return l.putsAway(ctx, backout) }})
		}
		return checks
	})
}

// Unsure says what cannot be told of a step that did not fail.
type Unsure struct {
	What  string
	Cause error
}

// Error says what cannot be told, and why.
func (u *Unsure) Error() string { return fmt.Sprintf("%s: %v", u.What, u.Cause) }

// Unwrap is the cause.
func (u *Unsure) Unwrap() error { return u.Cause }

// check is one step after the login.
type check struct {
	name string
	do   func(context.Context) error
}

// diagnose connects and goes through the checks.
func diagnose(ctx context.Context, o *Options, step func(name string, err error), checks func(*link) []check) error {
	if err := o.check(); err != nil {
		return err
	}
	w, err := connect(ctx, o)
	if err != nil {
		step("connect", err)
		return err
	}
	l := &link{opts: o, wire: w}
	defer l.abort()
	login := check{"login", func(ctx context.Context) (err error) { l.conn, l.session, err = login(ctx, w, o); return err }}
	for _, c := range append([]check{login}, checks(l)...) {
		err := c.do(ctx)
		step(c.name, err)
		var unsure *Unsure
		if err != nil && !errors.As(err, &unsure) {
			return err
		}
	}
	return nil
}

// reads makes a link from a queue, with no credit: nothing comes by it. It has a session of its own, since some brokers end
// that with a link that they refuse.
func (l *link) reads(ctx context.Context, address string) error {
	s, err := l.conn.NewSession(ctx, nil)
	if err != nil {
		return err
	}
	r := &amqp.ReceiverOptions{Credit: -1}
	if !l.opts.NoCapability {
		r.SourceCapabilities = []string{"queue"}
	}
	_, err = s.NewReceiver(ctx, address, r)
	return err
}

// putsAway looks whether messages can be put to a queue. That there is a link to it does not say that it exists: there are
// brokers that take what is sent to one that does not, and drop it. A link from it does say so.
func (l *link) putsAway(ctx context.Context, address string) error {
	if _, err := l.session.NewSender(ctx, address, l.opts.toQueue()); err != nil {
		return notLinked("the backout queue cannot be used", err)
	}
	err := l.reads(ctx, address)
	said := remote(err)
	switch {
	case err == nil:
		return nil
	case said == nil:
		return notLinked("the broker does not say whether the backout queue exists", err)
	case said.Condition == amqp.ErrCondNotFound:
		return notLinked("the backout queue does not exist, and the broker takes messages for it all the same: they would be lost", err)
	}
	return &Unsure{"messages can be sent there; whether the queue exists cannot be told, since it cannot be read", said}
}

// linked is notLinked for what may have worked.
func linked(step string, err error) error {
	if err == nil {
		return nil
	}
	return notLinked(step, err)
}

// roundTrip sends a message to the own reply address and takes it.
func (l *link) roundTrip(ctx context.Context) error {
	s, err := l.session.NewSender(ctx, l.replyTo, nil)
	if err != nil {
		return notLinked("the reply address cannot be sent to", err)
	}
	id := newID()
	receipt, err := give(ctx, s, &amqp.Message{Properties: &amqp.MessageProperties{CorrelationID: id}, Data: [][]byte{[]byte("lintel doctor")}}, l.abort)
	if err == nil {
		_, err = receipt.Wait(ctx)
	}
	if err != nil {
		return notLinked("the broker does not take a message for the reply address", err)
	}
	for {
		m, err := l.receiver.Receive(ctx, nil)
		if err != nil {
			return notLinked("the message did not come back", err)
		}
		if err := l.receiver.AcceptMessage(ctx, m); err != nil {
			return notLinked("the message cannot be settled", err)
		}
		if correlation(m) == id {
			return nil
		}
	}
}
