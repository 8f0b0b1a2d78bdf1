// SPDX-License-Identifier: Apache-2.0

// Package mqitest is a stand-in for IBM's MQ client library and its queue manager, for tests only. The
// real library is not free to install on the machines that build Lintel, and its headers must not be
// copied: include/ is written from IBM's public documentation, mqigen makes the constants from the list in
// mq-golang (Apache-2.0), and lib/ is a shared library with the 22 entry points that mq-golang links.
// scripts/peers/mqi.sh builds it into .build/mqi. The real, unmodified mq-golang then compiles, links and runs.
//
// It shows that Lintel calls the interface as the documentation says and treats each reason code as it
// should. It shows nothing about a real queue manager: no network, no TLS, no authority, no persistence over a
// restart. Left out: groups and segments, publish and subscribe (2298), data conversion (2119 instead),
// distribution lists, transactions of others, MQRFH2 made from properties for readers without a handle.
//
// MQI_STATE=FILE makes processes share one queue manager, MQI_DEFINE gives it commands when it begins, and text
// put on the queue LINTEL.CONTROL at any time: lib/control.c lists them.
package mqitest
