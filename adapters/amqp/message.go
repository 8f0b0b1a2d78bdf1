// SPDX-License-Identifier: Apache-2.0

package amqp

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/Azure/go-amqp"

	"lintel/adapters"
	"lintel/adapters/queue"
)

// encode makes the AMQP message of a request. The header and properties are always there.
func (o *Options) encode(m adapters.Message, id any) (*amqp.Message, error) {
	msg := &amqp.Message{
		Header:     &amqp.MessageHeader{Durable: o.Durable, Priority: 4},
		Properties: &amqp.MessageProperties{MessageID: id, CorrelationID: id},
	}
	if o.IBMMQ {
		msg.ApplicationProperties = map[string]any{"JMS_IBM_Report_Pass_Correl_ID": int32(64)}
	}
	switch o.Body {
	case Text:
		if !utf8.Valid(m.Body) {
			return nil, queue.Refused("the request is no UTF-8 text, and the backend sends text")
		}
		msg.Value = string(m.Body)
	case Binary:
		msg.Value = m.Body
	default:
		msg.Data = [][]byte{m.Body}
	}
	for name, v := range m.Properties {
		if err := o.set(msg, name, v); err != nil {
			return nil, err
		}
	}
	return msg, nil
}

// set puts one property into a message: one of AMQP's own by its name, else an application property.
func (o *Options) set(m *amqp.Message, name string, v any) error {
	p, h := m.Properties, m.Header
	var ok bool
	switch name {
	case "messageId":
		ok = o.Datagram && setID(&p.MessageID, v)
	case "correlationId":
		ok = o.Datagram && setID(&p.CorrelationID, v)
	case "replyTo":
		ok = o.Datagram && setText(&p.ReplyTo, v)
	case "subject":
		ok = setText(&p.Subject, v)
	case "to":
		ok = setText(&p.To, v)
	case "contentType":
		ok = setText(&p.ContentType, v)
	case "contentEncoding":
		ok = setText(&p.ContentEncoding, v)
	case "groupId":
		ok = setText(&p.GroupID, v)
	case "replyToGroupId":
		ok = setText(&p.ReplyToGroupID, v)
	case "userId":
		ok = setBytes(&p.UserID, v)
	case "groupSequence":
		var n int64
		if n, ok = queue.Whole(v, 0, 1<<32-1); ok {
			u := uint32(n)
			p.GroupSequence = &u
		}
	case "durable":
		h.Durable, ok = v.(bool)
	case "priority":
		var n int64
		n, ok = queue.Whole(v, 0, 255)
		h.Priority = uint8(n)
	case "ttl":
		var n int64
		if n, ok = queue.Whole(v, 1, 1<<32-1); ok && o.Datagram {
			h.TTL = time.Duration(n) * time.Millisecond
		}
	default:
		return o.setOther(m, name, v)
	}
	if !ok {
		return queue.Refused("the property %s cannot be set to such a value, or not by a transform", name)
	}
	return nil
}

// setOther sets an application property.
func (o *Options) setOther(m *amqp.Message, key string, v any) error {
	name, ok := strings.CutPrefix(key, queue.Application)
	if !ok || name == "" {
		return queue.Refused("AMQP has no property %s", key)
	}
	if m.ApplicationProperties == nil {
		m.ApplicationProperties = map[string]any{}
	}
	switch v := v.(type) {
	case string, bool, []byte:
		m.ApplicationProperties[name] = v
		return nil
	case int64:
		if !slices.Contains(o.Ints, name) {
			m.ApplicationProperties[name] = v
			return nil
		}
		if int64(int32(v)) != v {
			return queue.Refused("the property %s does not fit an AMQP int", key)
		}
		m.ApplicationProperties[name] = int32(v)
		return nil
	}
	return queue.Refused("the property %s is of a type that no property can have", key)
}

func setText(to **string, v any) bool {
	s, ok := v.(string)
	*to = &s
	return ok
}

func setBytes(to *[]byte, v any) bool {
	switch v := v.(type) {
	case []byte:
		*to = v
	case string:
		*to = []byte(v)
	default:
		return false
	}
	return true
}

func setID(to *any, v any) bool {
	switch v.(type) {
	case string, []byte:
		*to = v
		return true
	}
	return false
}

// correlation is the id that a reply answers; empty if it has none. A binary id may be padded with
// zeros to the length of IBM MQ's.
func correlation(m *amqp.Message) string {
	if m.Properties == nil {
		return ""
	}
	return known(m.Properties.CorrelationID)
}

// known is the form in which ids are compared.
func known(id any) string {
	switch id := id.(type) {
	case string:
		return id
	case []byte:
		return string(bytes.TrimRight(id, "\x00"))
	}
	return ""
}

// bodyOf returns the bytes of a message; false if its body is of a kind that has none.
func bodyOf(m *amqp.Message) ([]byte, bool) {
	switch v := m.Value.(type) {
	case string:
		return []byte(v), true
	case []byte:
		return v, true
	case nil:
	default:
		return nil, false
	}
	if len(m.Sequence) > 0 {
		return nil, false
	}
	if len(m.Data) == 1 {
		return m.Data[0], true
	}
	return slices.Concat(m.Data...), true
}

// propertiesOf lists the properties of a message: AMQP's own by their names, and the application's.
func propertiesOf(m *amqp.Message) map[string]any {
	out := map[string]any{}
	for name, v := range m.ApplicationProperties {
		if v, ok := plain(v); ok {
			out[queue.Application+name] = v
		}
	}
	if h := m.Header; h != nil {
		out["durable"], out["priority"] = h.Durable, int64(h.Priority)
		out["deliveryCount"], out["ttl"] = int64(h.DeliveryCount), h.TTL.Milliseconds()
	}
	p := m.Properties
	if p == nil {
		return out
	}
	if v, ok := plain(p.MessageID); ok {
		out["messageId"] = v
	}
	if v, ok := plain(p.CorrelationID); ok {
		out["correlationId"] = v
	}
	text := func(name string, v *string) {
		if v != nil {
			out[name] = *v
		}
	}
	text("subject", p.Subject)
	text("to", p.To)
	text("replyTo", p.ReplyTo)
	text("contentType", p.ContentType)
	text("contentEncoding", p.ContentEncoding)
	text("groupId", p.GroupID)
	text("replyToGroupId", p.ReplyToGroupID)
	if p.UserID != nil {
		out["userId"] = p.UserID
	}
	if p.GroupSequence != nil {
		out["groupSequence"] = int64(*p.GroupSequence)
	}
	if p.CreationTime != nil {
		out["creationTime"] = p.CreationTime.UTC().Format(time.RFC3339Nano)
	}
	return out
}

// plain turns a value of AMQP into one that messages have; false for null and for what has no such form.
func plain(v any) (any, bool) {
	switch v := v.(type) {
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano), true
	case amqp.UUID:
		return hex.EncodeToString(v[:]), true
	}
	return queue.Plain(v)
}
