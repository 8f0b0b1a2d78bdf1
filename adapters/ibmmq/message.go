// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package ibmmq

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/ibm-messaging/mq-golang/v5/ibmmq"

	"lintel/adapters"
)

// outgoing is a request as it is put.
type outgoing struct {
	id         id
	md         *ibmmq.MQMD
	body       []byte
	properties map[string]any
	datagram   bool
}

// application begins the names of message properties.
const application = "application."

// encode makes the message descriptor of a request.
func (o *Options) encode(m adapters.Message) (*outgoing, error) {
	r := &outgoing{id: newID(), md: ibmmq.NewMQMD(), body: m.Body, datagram: o.Datagram}
	d := r.md
	d.Version = ibmmq.MQMD_VERSION_2
	d.Format = or(o.Format, ibmmq.MQFMT_NONE)
	d.CodedCharSetId = o.CCSID
	d.Encoding = or(o.Encoding, d.Encoding)
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
		return nil, refused("a persistent request cannot have its reply on a temporary queue")
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
	default:
		return o.setOther(r, name, v)
	}
	if !ok {
		return refused("the property %s cannot be set to such a value, or not by a transform", name)
	}
	return nil
}

// setOther sets a message property.
func (o *Options) setOther(r *outgoing, key string, v any) error {
	name, ok := strings.CutPrefix(key, application)
	switch {
	case !ok || name == "":
		return refused("IBM MQ has no property %s", key)
	case !o.Properties:
		return refused("the property %s needs mq.properties of the backend", key)
	}
	switch v.(type) {
	case string, bool, int64, []byte:
	default:
		return refused("the property %s is of a type that no property can have", key)
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
	n, ok := v.(int64)
	if !ok || n < low || n > high {
		return false
	}
	*to = int32(n)
	return true
}

// setID sets an id; a shorter one is filled with zeros.
func setID(to *[]byte, v any) bool {
	b, ok := v.([]byte)
	if s, text := v.(string); text {
		b, ok = []byte(s), true
	}
	if !ok || len(b) > 24 {
		return false
	}
	var i id
	copy(i[:], b)
	*to = i[:]
	return true
}

// propertiesOf lists the descriptor of a message by the names that transforms use.
func propertiesOf(d *ibmmq.MQMD) map[string]any {
	return map[string]any{
		"format": strings.TrimRight(d.Format, " "), "ccsid": int64(d.CodedCharSetId), "encoding": int64(d.Encoding),
		"priority": int64(d.Priority), "persistent": d.Persistence == ibmmq.MQPER_PERSISTENT, "expiry": int64(d.Expiry),
		"messageType": int64(d.MsgType), "feedback": int64(d.Feedback), "report": int64(d.Report), "backoutCount": int64(d.BackoutCount),
		"messageId": bytes.Clone(d.MsgId), "correlationId": bytes.Clone(d.CorrelId), "userId": strings.TrimRight(d.UserIdentifier, " "),
		"putApplication": strings.TrimRight(d.PutApplName, " "),
	}
}

// plain turns the value of a message property into one that messages have.
func plain(v any) (any, bool) {
	switch v := v.(type) {
	case string, bool, []byte, int64:
		return v, true
	case int8:
		return int64(v), true
	case int16:
		return int64(v), true
	case int32:
		return int64(v), true
	case float32:
		return strconv.FormatFloat(float64(v), 'g', -1, 32), true
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), true
	}
	return nil, false
}

func itoa(n int32) string { return fmt.Sprint(n) }
