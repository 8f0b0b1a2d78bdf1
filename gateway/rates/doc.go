// SPDX-License-Identifier: Apache-2.0

// Package rates counts calls for several gateways together, in a Redis server that they share.
//
// [Redis] is a gateway.RateCounter. A gateway whose counter does not answer counts by itself: a call is
// never refused, and waits only for a moment, because Redis is down.
package rates
