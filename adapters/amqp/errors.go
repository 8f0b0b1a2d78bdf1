// SPDX-License-Identifier: Apache-2.0

package amqp

import (
	"errors"
	"strings"

	"github.com/Azure/go-amqp"

	"lintel/adapters"
)

// remote finds what the broker said, or nil.
func remote(err error) *amqp.Error {
	var e *amqp.Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// isEnd reports whether an error is the end of a connection, session or link.
func isEnd(err error) bool {
	var c *amqp.ConnError
	var s *amqp.SessionError
	var l *amqp.LinkError
	return errors.As(err, &c) || errors.As(err, &s) || errors.As(err, &l)
}

// kindOf says what the broker's condition means for a message or a link that it refused.
func kindOf(e *amqp.Error) adapters.Kind {
	if e == nil {
		return adapters.Unreachable
	}
	switch e.Condition {
	case amqp.ErrCondUnauthorizedAccess, amqp.ErrCondNotFound, amqp.ErrCondNotAllowed, amqp.ErrCondNotImplemented,
		amqp.ErrCondInvalidField, amqp.ErrCondPreconditionFailed, amqp.ErrCondLinkRedirect:
		return adapters.Config
	case amqp.ErrCondMessageSizeExceeded:
		return adapters.TooLarge
	}
	return adapters.Unreachable
}

// notLinked is the error of a connection or link that could not be made. Nothing was sent.
func notLinked(step string, err error) *adapters.Error {
	e := &adapters.Error{Fate: adapters.NotSent, Kind: kindOf(remote(err)), Detail: step, Cause: err}
	if strings.Contains(err.Error(), "SASL") { // the driver has no type for a refused login
		e.Kind, e.Detail = adapters.Config, "the broker refused the login"
	}
	return e
}
