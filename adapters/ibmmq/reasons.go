// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq

import (
	"errors"
	"fmt"

	"github.com/ibm-messaging/mq-golang/v5/ibmmq"

	"lintel/adapters"
)

// stage is what was being done when the library gave a reason code.
type stage int

const (
	connecting stage = iota
	// putting is a put that counts at once, puttingInUnit one that counts when it is committed.
	putting
	puttingInUnit
	committing
	getting
)

// class is what a reason code means for connection and caller.
type class int

const (
	// unknown codes are not in the lists: the worst is taken.
	unknown class = iota
	// lost connections must be made again.
	lost
	// empty is the end of a wait.
	empty
	// busy targets take nothing now.
	busy
	// request codes say that the message cannot go this way.
	request
	// config codes need somebody to change something.
	config
	// own codes are faults of this package.
	own
	// warning codes come with a call that was done.
	warning
)

// classOf sorts the reason codes of IBM's reference by what they mean here.
func classOf(rc int32) class {
	switch rc {
	case ibmmq.MQRC_CONNECTION_BROKEN, ibmmq.MQRC_Q_MGR_NOT_AVAILABLE, ibmmq.MQRC_Q_MGR_QUIESCING,
		ibmmq.MQRC_Q_MGR_STOPPING, ibmmq.MQRC_CONNECTION_QUIESCING, ibmmq.MQRC_CONNECTION_STOPPING,
		ibmmq.MQRC_CHANNEL_STOPPED_BY_USER, ibmmq.MQRC_CHANNEL_NOT_AVAILABLE, ibmmq.MQRC_HOST_NOT_AVAILABLE,
		ibmmq.MQRC_HCONN_ERROR, ibmmq.MQRC_UNEXPECTED_ERROR, ibmmq.MQRC_CHANNEL_CONFIG_ERROR,
		ibmmq.MQRC_RECONNECT_FAILED, ibmmq.MQRC_CALL_INTERRUPTED, ibmmq.MQRC_RECONNECT_TIMED_OUT, ibmmq.MQRC_Q_DELETED,
		ibmmq.MQRC_OBJECT_DAMAGED:
		return lost
	case ibmmq.MQRC_NO_MSG_AVAILABLE:
		return empty
	case ibmmq.MQRC_Q_FULL, ibmmq.MQRC_Q_SPACE_NOT_AVAILABLE, ibmmq.MQRC_STORAGE_MEDIUM_FULL, ibmmq.MQRC_PUT_INHIBITED,
		ibmmq.MQRC_GET_INHIBITED, ibmmq.MQRC_RESOURCE_PROBLEM, ibmmq.MQRC_STORAGE_NOT_AVAILABLE,
		ibmmq.MQRC_CLUSTER_RESOLUTION_ERROR, ibmmq.MQRC_OBJECT_IN_USE, ibmmq.MQRC_MAX_CONNS_LIMIT_REACHED,
		ibmmq.MQRC_BACKED_OUT:
		return busy
	case ibmmq.MQRC_MSG_TOO_BIG_FOR_Q, ibmmq.MQRC_MSG_TOO_BIG_FOR_Q_MGR, ibmmq.MQRC_MSG_TOO_BIG_FOR_CHANNEL,
		ibmmq.MQRC_FORMAT_ERROR:
		return request
	case ibmmq.MQRC_NOT_AUTHORIZED, ibmmq.MQRC_Q_MGR_NAME_ERROR, ibmmq.MQRC_KEY_REPOSITORY_ERROR,
		ibmmq.MQRC_UNKNOWN_OBJECT_NAME, ibmmq.MQRC_UNKNOWN_OBJECT_Q_MGR, ibmmq.MQRC_UNKNOWN_REMOTE_Q_MGR,
		ibmmq.MQRC_SSL_INITIALIZATION_ERROR, ibmmq.MQRC_SSL_CERT_STORE_ERROR, ibmmq.MQRC_SSL_PEER_NAME_MISMATCH,
		ibmmq.MQRC_UNKNOWN_CHANNEL_NAME, ibmmq.MQRC_CHANNEL_BLOCKED, ibmmq.MQRC_RECONNECT_INCOMPATIBLE,
		ibmmq.MQRC_SECURITY_ERROR, ibmmq.MQRC_NOT_OPEN_FOR_INPUT:
		return config
	case ibmmq.MQRC_HOBJ_ERROR, ibmmq.MQRC_MISSING_REPLY_TO_Q, ibmmq.MQRC_PERSISTENT_NOT_ALLOWED,
		ibmmq.MQRC_CALL_IN_PROGRESS, ibmmq.MQRC_HCONN_ASYNC_ACTIVE, ibmmq.MQRC_EXPIRY_ERROR, ibmmq.MQRC_MD_ERROR,
		ibmmq.MQRC_PMO_ERROR, ibmmq.MQRC_OPTIONS_ERROR, ibmmq.MQRC_PRIORITY_ERROR, ibmmq.MQRC_PERSISTENCE_ERROR,
		ibmmq.MQRC_REPORT_OPTIONS_ERROR, ibmmq.MQRC_NOT_OPEN_FOR_OUTPUT:
		return own
	case ibmmq.MQRC_TRUNCATED_MSG_ACCEPTED, ibmmq.MQRC_TRUNCATED_MSG_FAILED, ibmmq.MQRC_NOT_CONVERTED,
		ibmmq.MQRC_SSL_ALREADY_INITIALIZED, ibmmq.MQRC_ALREADY_CONNECTED:
		return warning
	default:
		return unknown
	}
}

// reason is the reason code of an error, 0 if it has none.
func reason(err error) int32 {
	var r *ibmmq.MQReturn
	if errors.As(err, &r) {
		return r.MQRC
	}
	return 0
}

// worked reports whether a call was done: without an error, or with a warning.
func worked(err error) bool {
	var r *ibmmq.MQReturn
	return err == nil || errors.As(err, &r) && r.MQCC == ibmmq.MQCC_WARNING
}

// ends reports whether a connection is of no more use.
func ends(err error) bool {
	c := classOf(reason(err))
	return c == lost || c == unknown || c == own
}

// fateOf says what became of a request. IBM documents that a put or commit that ends with a broken
// connection may have been done all the same; codes that are not known are taken for that.
func fateOf(s stage, rc int32) adapters.Fate {
	switch s {
	case connecting, puttingInUnit:
		return adapters.NotSent // what is not committed goes with the connection
	case committing:
		if rc == ibmmq.MQRC_BACKED_OUT {
			return adapters.NotSent
		}
		return adapters.InDoubt
	case getting:
		return adapters.InDoubt
	}
	switch rc {
	case ibmmq.MQRC_Q_MGR_QUIESCING, ibmmq.MQRC_CONNECTION_QUIESCING, ibmmq.MQRC_HCONN_ERROR, ibmmq.MQRC_Q_DELETED, ibmmq.MQRC_OBJECT_DAMAGED,
		ibmmq.MQRC_Q_MGR_NOT_AVAILABLE, ibmmq.MQRC_BACKED_OUT:
		return adapters.NotSent // refused before anything was done
	}
	if c := classOf(rc); c == lost || c == unknown {
		return adapters.InDoubt
	}
	return adapters.NotSent
}

// failed makes the error of a call of the library.
func failed(s stage, what string, err error) *adapters.Error {
	rc := reason(err)
	e := &adapters.Error{Fate: fateOf(s, rc), Detail: fmt.Sprintf("%s: reason code %d", what, rc), Cause: err}
	switch classOf(rc) {
	case busy:
		e.Kind = adapters.Unreachable
	case request:
		e.Kind = adapters.TooLarge
		if rc == ibmmq.MQRC_FORMAT_ERROR {
			e.Kind = adapters.Config
		}
	case config:
		e.Kind = adapters.Config
	case own:
		e.Kind = adapters.Internal
	default:
		e.Kind = adapters.Broken
	}
	if e.Kind == adapters.Broken && e.Fate == adapters.NotSent {
		e.Kind = adapters.Unreachable
	}
	return e
}
