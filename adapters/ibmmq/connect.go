// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq

import (
	"crypto/rand"
	"encoding/hex"

	"github.com/ibm-messaging/mq-golang/v5/ibmmq"
)

// id is a message or correlation id.
type id [24]byte

// newID returns an id that nobody can guess.
func newID() (i id) {
	_, _ = rand.Read(i[:]) // it never fails
	return i
}

func (i id) String() string { return hex.EncodeToString(i[:]) }

// connectOptions are the options of MQCONNX.
func (o *Options) connectOptions() *ibmmq.MQCNO {
	c := ibmmq.NewMQCNO()
	c.Options = ibmmq.MQCNO_RECONNECT_DISABLED | ibmmq.MQCNO_HANDLE_SHARE_NO_BLOCK
	c.ApplName = o.Application
	if o.Channel != "" {
		c.Options |= ibmmq.MQCNO_CLIENT_BINDING
		d := ibmmq.NewMQCD()
		d.ChannelName, d.ConnectionName = o.Channel, o.Connection
		d.SSLCipherSpec, d.SSLPeerName, d.CertificateLabel = o.CipherSpec, o.Peer, o.Label
		d.DefReconnect = ibmmq.MQRCN_DISABLED
		d.MaxMsgLength = max(d.MaxMsgLength, int32(o.MaxReply))
		c.ClientConn = d
	}
	if o.CCDT != "" {
		c.Options |= ibmmq.MQCNO_CLIENT_BINDING
		c.CCDTUrl = o.CCDT
	}
	if o.KeyRepository != "" {
		s := ibmmq.NewMQSCO()
		s.KeyRepository, s.KeyRepoPassword, s.CertificateLabel = o.KeyRepository, o.KeyPassword, o.Label
		c.SSLConfig = s
	}
	if o.User != "" || o.Token != "" {
		p := ibmmq.NewMQCSP()
		p.UserId, p.Password, p.Token = o.User, o.Password, o.Token
		if o.User != "" {
			p.AuthenticationType = ibmmq.MQCSP_AUTH_USER_ID_AND_PWD
		}
		c.SecurityParms = p
	}
	return c
}

// connect makes one connection. With a warning the handle is good.
func (o *Options) connect() (*ibmmq.MQQueueManager, error) {
	q, err := ibmmq.Connx(o.QueueManager, o.connectOptions())
	if !worked(err) {
		return nil, err
	}
	return &q, nil
}

// openTarget opens the host's queue.
func (o *Options) openTarget(q *ibmmq.MQQueueManager) (ibmmq.MQObject, error) {
	d := ibmmq.NewMQOD()
	d.ObjectType, d.ObjectName, d.ObjectQMgrName = ibmmq.MQOT_Q, o.Queue, o.QueueOwner
	how := ibmmq.MQOO_OUTPUT
	if o.Identity {
		how |= ibmmq.MQOO_SET_IDENTITY_CONTEXT
	}
	return q.Open(d, how)
}

// openReply opens the queue of the replies, and returns its name: a temporary one gets it now.
func (o *Options) openReply(q *ibmmq.MQQueueManager) (ibmmq.MQObject, string, error) {
	d, how := ibmmq.NewMQOD(), ibmmq.MQOO_INPUT_EXCLUSIVE
	d.ObjectType, d.ObjectName = ibmmq.MQOT_Q, o.ReplyQueue
	if o.Shared {
		how = ibmmq.MQOO_INPUT_SHARED
	}
	if o.ReplyQueue == "" {
		d.ObjectName, d.DynamicQName = o.Model, "LINTEL.*"
	}
	obj, err := q.Open(d, how)
	return obj, d.ObjectName, err
}
