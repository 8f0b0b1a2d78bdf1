// SPDX-License-Identifier: Apache-2.0

// Package docspage is the interactive page that explains the contract to people. Everything it needs is in
// the binary: it loads nothing from elsewhere, and runs no script but those files (its
// Content-Security-Policy says so).
package docspage
