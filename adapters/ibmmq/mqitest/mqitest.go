// SPDX-License-Identifier: Apache-2.0

//go:build ibmmq

package mqitest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/ibm-messaging/mq-golang/v5/ibmmq"
)

// Connect connects to the stand-in under a name. The connection ends with the test.
func Connect(t testing.TB, application string) *ibmmq.MQQueueManager {
	t.Helper()
	c := ibmmq.NewMQCNO()
	c.ApplName = application
	m, err := ibmmq.Connx("", c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Disc() })
	return &m
}

// Tell gives commands to the stand-in: lib/control.c lists them. Over a connection named "control" that
// works while the queue manager is stopped as well.
func Tell(t testing.TB, m *ibmmq.MQQueueManager, commands string) {
	t.Helper()
	d, md, p := ibmmq.NewMQOD(), ibmmq.NewMQMD(), ibmmq.NewMQPMO()
	d.ObjectType, d.ObjectName = ibmmq.MQOT_Q, "LINTEL.CONTROL"
	if err := m.Put1(d, md, p, []byte(commands)); err != nil {
		t.Fatalf("command refused: %v", err)
	}
}

// Queue defines a queue that no other test uses, with attributes as MQSC writes them.
func Queue(t testing.TB, m *ibmmq.MQQueueManager, attributes string) string {
	t.Helper()
	name := fmt.Sprintf("TEST.%016X", rand.Uint64())
	Tell(t, m, fmt.Sprintf("DEFINE QLOCAL(%s) %s", name, attributes))
	return name
}

// Open opens a queue.
func Open(t testing.TB, m *ibmmq.MQQueueManager, name string, options int32) ibmmq.MQObject {
	t.Helper()
	d := ibmmq.NewMQOD()
	d.ObjectType, d.ObjectName = ibmmq.MQOT_Q, name
	o, err := m.Open(d, options)
	if err != nil {
		t.Fatalf("open %s: %v", name, err)
	}
	return o
}

// Depth is how many messages are on a queue.
func Depth(t testing.TB, m *ibmmq.MQQueueManager, name string) int32 {
	t.Helper()
	o := Open(t, m, name, ibmmq.MQOO_INQUIRE)
	defer func() { _ = o.Close(0) }()
	v, err := o.Inq([]int32{ibmmq.MQIA_CURRENT_Q_DEPTH})
	if err != nil {
		t.Fatal(err)
	}
	return v[ibmmq.MQIA_CURRENT_Q_DEPTH].(int32)
}

// Reason is the reason code of an error; 0 for none.
func Reason(err error) int32 {
	if r := new(ibmmq.MQReturn); errors.As(err, &r) {
		return r.MQRC
	}
	return 0
}
