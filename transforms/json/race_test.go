// SPDX-License-Identifier: Apache-2.0

//go:build race

package json

// raceEnabled: the race detector makes pools drop values, so allocations cannot be counted.
const raceEnabled = true
