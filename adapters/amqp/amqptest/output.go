// SPDX-License-Identifier: Apache-2.0

package amqptest

import "sync"

// maxOutput is how much of the end of a broker's output is kept.
const maxOutput = 16 << 10

// output keeps the end of what a broker says, for the case that it does not start.
type output struct {
	mu   sync.Mutex
	text []byte
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text = append(o.text, p...)
	o.text = o.text[max(0, len(o.text)-maxOutput):]
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.text)
}
