// SPDX-License-Identifier: Apache-2.0

//go:build !race

package transforms_test

// raceEnabled tells that the race detector is on, which allocates by itself.
const raceEnabled = false
