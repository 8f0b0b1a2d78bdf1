// SPDX-License-Identifier: Apache-2.0

// Package examples holds the example workspaces, so that the program can hand out copies of them. Each
// is also a test: it is checked, its exchanges are played, and it is served.
package examples

import "embed"

// FS has one folder for each example.
//
//go:embed bank claims orders
var FS embed.FS
