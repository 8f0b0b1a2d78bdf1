// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package stream

func (w *wire) readNow(p []byte) (int, error) { return w.readSoon(p) }
