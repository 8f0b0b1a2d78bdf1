// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"reflect"
	"testing"

	"lintel/gateway/journal"
)

// TestMarkWithoutPointers: what is kept of every entry is nothing that the garbage collector has to look at.
func TestMarkWithoutPointers(t *testing.T) {
	var look func(at reflect.Type, path string)
	look = func(at reflect.Type, path string) {
		switch at.Kind() {
		case reflect.Struct:
			for f := range at.Fields() {
				look(f.Type, path+"."+f.Name)
			}
		case reflect.Array:
			look(at.Elem(), path+"[]")
		case reflect.Bool, reflect.Uint8, reflect.Uint32, reflect.Uint64, reflect.Int64:
		default:
			t.Errorf("%s is a %s", path, at)
		}
	}
	look(reflect.TypeFor[mark](), "mark")
	look(reflect.TypeFor[journal.ID](), "ID")
}
