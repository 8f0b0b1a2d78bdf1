// SPDX-License-Identifier: Apache-2.0

//go:build race

package record

// raceDetector: pools drop what they are given at random, so allocations cannot be counted.
const raceDetector = true
