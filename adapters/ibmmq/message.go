// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq

import (
	"bytes"
	"cmp"
	"math"
	"strings"

	"github.com/ibm-messaging/mq-golang/v5/ibmmq"

	"lintel/adapters"
	"lintel/adapters/queue"
)

// outgoing is a request as it is put.
type outgoing struct {
	id         id
	md         *ibmmq.MQMD
	body       []byte
	properties map[string]any
	datagram   bool
}

// encode makes the message descriptor of a request.
func (o *Options) encode(m adapters.Message, own id) (*outgoing, error) {
	r := &outgoing{id: own, md: ibmmq.NewMQMD(), body: m.Body, datagram: o.Datagram}
	d := r.md
	d.Version = ibmmq.MQMD_VERSION_2
	d.Format = cmp.Or(o.Format, ibmmq.MQFMT_NONE)
	d.CodedCharSetId = o.CCSID
	d.Encoding = cmp.Or(o.Encoding, d.Encoding)
	d.Persistence = ibmmq.MQPER_NOT_PERSISTENT
	if o.Persistent {
		d.Persistence = ibmmq.MQPER_PERSISTENT
	}
	for name, v := range m.Properties {
		if err := o.set(r, name, v); err != nil {
			return nil, err
		}
	}
	if d.Persistence == ibmmq.MQPER_PERSISTENT && !o.Datagram && o.ReplyQueue == "" {
		return nil, queue.Refused("a persistent request cannot have its reply on a temporary queue")
	}
	if o.Datagram {
		return r, nil
	}
	d.MsgType = ibmmq.MQMT_REQUEST
	d.MsgId = bytes.Clone(r.id[:])
	d.Report |= ibmmq.MQRO_PASS_DISCARD_AND_EXPIRY
	if o.Correlation == CorrelationID {
		d.Report |= ibmmq.MQRO_PASS_CORREL_ID
		d.CorrelId = bytes.Clone(r.id[:])
	}
	return r, nil
}

// reportOptions are what a transform may ask to be told about, and how.
const reportOptions = ibmmq.MQRO_EXPIRATION_WITH_FULL_DATA | ibmmq.MQRO_COA_WITH_FULL_DATA | ibmmq.MQRO_COD_WITH_FULL_DATA |
	ibmmq.MQRO_EXCEPTION_WITH_FULL_DATA | ibmmq.MQRO_DISCARD_MSG | ibmmq.MQRO_PAN | ibmmq.MQRO_NAN

// set puts one property into a message: one of the descriptor by its name, else a message property.
func (o *Options) set(r *outgoing, name string, v any) error {
	d, ok := r.md, false
	switch name {
	case "format":
		ok = setText(&d.Format, v, 8)
	case "ccsid":
		ok = setWhole(&d.CodedCharSetId, v, 1, math.MaxInt32)
	case "encoding":
		ok = setWhole(&d.Encoding, v, 0, math.MaxInt32)
	case "priority":
		ok = setWhole(&d.Priority, v, 0, 9)
	case "persistent":
		var p bool
		if p, ok = v.(bool); ok {
			d.Persistence = ibmmq.MQPER_NOT_PERSISTENT
			if p {
				d.Persistence = ibmmq.MQPER_PERSISTENT
			}
		}
	case "expiry":
		var tenths int32
		if ok = setWhole(&tenths, v, 1, math.MaxInt32); ok && o.Datagram {
			d.Expiry = tenths
		}
	case "report":
		ok = setWhole(&d.Report, v, 0, math.MaxInt32) && d.Report&^reportOptions == 0
	case "correlationId":
		ok = o.Correlation == MessageID && setID(&d.CorrelId, v)
	case "messageId":
		ok = o.Datagram && setID(&d.MsgId, v)
	case "userId":
		ok = o.Identity && setText(&d.UserIdentifier, v, 12)
	case "accountingToken":
		ok = o.Identity && setBytes(&d.AccountingToken, v, 32)
	case "applicationIdentity":
		ok = o.Identity && setText(&d.ApplIdentityData, v, 32)
	default:
		return o.setOther(r, name, v)
	}
	if !ok {
		return queue.Refused("the property %s cannot be set to such a value, or not by a transform", name)
	}
	return nil
}

// setOther sets a message property.
func (o *Options) setOther(r *outgoing, key string, v any) error {
	name, ok := strings.CutPrefix(key, queue.Application)
	switch {
	case !ok || name == "":
		return queue.Refused("IBM MQ has no property %s", key)
	case !o.Properties:
		return queue.Refused("the property %s needs mq.properties of the backend", key)
	}
	switch v.(type) {
	case string, bool, int64, []byte:
	default:
		return queue.Refused("the property %s is of a type that no property can have", key)
	}
	if r.properties == nil {
		r.properties = map[string]any{}
	}
	r.properties[name] = v
	return nil
}

func setText(to *string, v any, longest int) bool {
	s, ok := v.(string)
	*to = s
	return ok && len(s) <= longest
}

func setWhole(to *int32, v any, low, high int64) bool {
	n, ok := queue.Whole(v, low, high)
	if ok {
		*to = int32(n) //nolint:gosec // high has 32 bits
	}
	return ok
}

// setID sets an id; a shorter one is filled with zeros.
func setID(to *[]byte, v any) bool { return setBytes(to, v, len(id{})) }

// setBytes sets bytes of a fixed length; fewer are followed by zeros.
func setBytes(to *[]byte, v any, length int) bool {
	b, ok := v.([]byte)
	if s, text := v.(string); text {
		b, ok = []byte(s), true
	}
	if !ok || len(b) > length {
		return false
	}
	*to = make([]byte, length)
	copy(*to, b)
	return true
}

// propertiesOf lists the descriptor of a message by the names that transforms use.
func propertiesOf(d *ibmmq.MQMD) map[string]any {
	return map[string]any{
		"format": strings.TrimRight(d.Format, " "), "ccsid": int64(d.CodedCharSetId), "encoding": int64(d.Encoding),
		"priority": int64(d.Priority), "persistent": d.Persistence == ibmmq.MQPER_PERSISTENT, "expiry": int64(d.Expiry),
		"messageType": int64(d.MsgType), "feedback": int64(d.Feedback), "report": int64(d.Report), "backoutCount": int64(d.BackoutCount),
		"messageId": bytes.Clone(d.MsgId), "correlationId": bytes.Clone(d.CorrelId), "userId": strings.TrimRight(d.UserIdentifier, " "),
		"putApplication": strings.TrimRight(d.PutApplName, " "), "accountingToken": bytes.Clone(d.AccountingToken),
		"applicationIdentity": strings.TrimRight(d.ApplIdentityData, " "),
		"replyTo":             strings.TrimRight(d.ReplyToQ, " "), "replyToManager": strings.TrimRight(d.ReplyToQMgr, " "),
	}
}
