// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"time"

	"lintel/adapters"
	"lintel/transforms"
)

// NewPing makes the ping of a backend from its transform; start begins one use of it. Its reply is judged as
// that of a call is: an outcome with host: failed is a failure, and so is a fault of the host.
func NewPing(start func() Runner) adapters.Ping {
	return func() (adapters.Message, adapters.Judge, error) {
		now := time.Now()
		id, _ := newIDs(now)
		run := start()
		m, err := run.Request(transforms.Input{Params: []byte(transforms.NoParams), Now: now, ExchangeID: id})
		if err != nil {
			run.Release()
			return adapters.Message{}, nil, err
		}
		return adapters.Message(m), func(reply adapters.Message) adapters.Judgement {
			out, err := run.Reply(transforms.Message(reply))
			j := adapters.Judgement{HostFailed: err == nil && out.HostFailed, Foreign: isForeign(err)}
			run.Release() // without a reply the exchange may still hold on to its buffers, and it is not given back
			return j
		}, nil
	}
}
