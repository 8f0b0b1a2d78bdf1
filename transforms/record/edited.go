// SPDX-License-Identifier: Apache-2.0

package record

func (k *compiler) edited(n *node) leaf      { return k.text(n) }
func (k *compiler) floatEdited(n *node) leaf { return k.text(n) }
