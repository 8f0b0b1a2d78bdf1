// SPDX-License-Identifier: Apache-2.0

// Package journaltest holds what every store of a journal must do, as tests, and a disk that loses
// what was not synced.
package journaltest
