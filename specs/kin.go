// SPDX-License-Identifier: Apache-2.0

package specs

// checkDocument has the document as a whole checked by an independent OpenAPI implementation.
func (l *loader) checkDocument(c *contractReader, src []byte, ours Findings) {
}
